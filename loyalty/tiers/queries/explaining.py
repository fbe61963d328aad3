"""Why a member has a level, what is missing for the next one, and when it is reviewed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from loyalty.kernel.db import db
from loyalty.programme.queries import Version, in_force
from loyalty.tiers.models import TierEvaluation
from loyalty.tiers.queries.figures import Ask, figures
from loyalty.tiers.queries.standings import level_on, standing
from loyalty.tiers.rules import Level, LevelProgress, Measure, NoScheme, Scheme, Standing, StandingNotFound, progress_of

_NOON = time(12, tzinfo=UTC)  # falls on the same day in every zone a store may have


@dataclass(frozen=True, slots=True)
class Explanation:
    """A member's level as it stood at the end of `as_of`.

    `ladder` has every level but the lowest with what is missing to qualify; `keep` what the next review asks of the
    level held (None for the lowest, which is never reviewed); `next_level` None on the highest. `figures` are in minor
    units for spend, else whole numbers. `by_floor` says that only a level set by hand holds it until `floor_until`.
    """

    as_of: date
    rules_version: int
    scheme: Scheme
    level: Level
    since_day: date
    valid_to: date | None
    grace_until: date | None
    review_day: date | None
    floor_until: date | None
    by_floor: bool
    next_level: LevelProgress | None
    keep: LevelProgress | None
    ladder: tuple[LevelProgress, ...]
    figures: Mapping[Measure, int]


def scheme_on(day: date) -> Version:
    """Return the version of the levels in force on a day; refused when there was none."""
    version = in_force("tiers", datetime.combine(day, _NOON))
    if version is None:
        raise NoScheme(day=day.isoformat())
    return version


def explain(customer_id: int, as_of: date) -> Explanation:
    """Return why a member has the level held at the end of `as_of`; refused for others, and where no scheme is."""
    version = scheme_on(as_of)
    scheme: Scheme = version.rules
    held = _standing_on(standing(customer_id), as_of)
    reached = figures(scheme, [Ask(held, as_of)])[customer_id, as_of]
    level = scheme.level(held.level_code)
    ladder = tuple(progress_of(one, one.qualify, reached) for one in scheme.levels if one.qualify is not None)
    above = [one for one in ladder if one.level.rank > level.rank]
    condition = level.keep or level.qualify
    keep = None if condition is None else progress_of(level, condition, reached)
    qualifies = any(one.reached for one in ladder if one.level.rank >= level.rank)
    floored = held.floor_until is not None and held.floor_until >= as_of
    return Explanation(
        as_of=as_of,
        rules_version=version.number,
        scheme=scheme,
        level=level,
        since_day=held.since_day,
        valid_to=held.valid_to,
        grace_until=held.grace_until,
        review_day=held.due_day,
        floor_until=held.floor_until if floored else None,
        by_floor=floored and level.code == held.floor_code and not qualifies and not (keep and keep.reached),
        next_level=above[0] if above else None,
        keep=keep,
        ladder=ladder,
        figures=reached,
    )


def _standing_on(now: Standing, as_of: date) -> Standing:
    """Return the standing as it was at the end of a day, from the history when it has changed since."""
    if as_of >= now.settled_day:
        return now
    then = level_on(now.customer_id, as_of)
    if then is None:
        raise StandingNotFound
    decided = (
        select(TierEvaluation.valid_to)
        .where(TierEvaluation.customer_id == now.customer_id, TierEvaluation.day <= as_of)
        .order_by(TierEvaluation.id.desc())
        .limit(1)
    )
    valid_to = db.session.scalar(decided)
    return replace(now, level_code=then[0], since_day=then[1], valid_to=valid_to, grace_until=None)
