"""Where a member stands on the ladder of levels, as pages show it."""

from collections.abc import Collection
from datetime import date, datetime

from loyalty.membership.rules import Floor, Ladder, Rung, rung_of
from loyalty.programme.queries import in_force
from loyalty.tiers import queries as tiers
from loyalty.tiers.queries import ChangeView, Explanation
from loyalty.tiers.rules import Anchors, Level, LevelProgress, NoScheme, Scheme, StandingNotFound


def ladder(customer_id: int, joined_day: date, *, as_of: date) -> Ladder | None:
    """Return where a member stands at the end of a day, or None while no levels are in force."""
    try:
        told = tiers.explain(customer_id, as_of)
    except (NoScheme, StandingNotFound):
        return None
    base = Rung(told.scheme.base, 0, (), reached=True)
    return Ladder(
        scheme=told.scheme,
        level=told.level,
        since_day=told.since_day,
        valid_to=told.valid_to,
        review_day=told.review_day,
        rungs=(base, *(_rung(told, one, joined_day) for one in told.ladder)),
        kept=None if told.keep is None else _rung(told, told.keep, joined_day),
        floor=_floor(customer_id, told),
    )


def levels(at: datetime) -> tuple[Level, ...]:
    """Return the levels in force, the lowest first; none without a scheme."""
    version = in_force("tiers", at)
    if version is None:
        return ()
    scheme: Scheme = version.rules
    return scheme.levels


def levels_of(customer_ids: Collection[int], at: datetime) -> dict[int, Level]:
    """Return the level of each member among the customers; those of no level are left out."""
    known = {level.code: level for level in levels(at)}
    held = {who: one.level_code for who, one in tiers.standings(customer_ids).items()}
    return {who: known[code] for who, code in held.items() if code in known}


def level_changes(customer_id: int) -> list[ChangeView]:
    """Return the changes of level, the latest first, without the first level that joining gave."""
    return [change for change in tiers.history(customer_id) if change.reason != "joined"]


def _rung(told: Explanation, found: LevelProgress, joined_day: date) -> Rung:
    anchors = Anchors(joined_day, told.since_day)
    starts = [one.criterion.measure.window.start(told.as_of, anchors) for one in found.progress]
    return rung_of(found, told.scheme.currency, starts, told.as_of)


def _floor(customer_id: int, told: Explanation) -> Floor | None:
    if told.floor_until is None or not told.by_floor:
        return None
    reasons = [one.reason for one in tiers.floors(customer_id) if one.approved_at is not None]
    return Floor(told.level, told.floor_until, reasons[0] if reasons else "")
