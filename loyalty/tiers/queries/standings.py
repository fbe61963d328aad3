"""Standings, what is due, and the history of levels."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text

from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.db import ask_ahead, db, id_array, run, told_ahead
from loyalty.programme.queries import in_force
from loyalty.tiers.models import LevelChange, TierEvaluation, TierFloor, TierStanding
from loyalty.tiers.rules import Standing, StandingNotFound

_COLUMNS: tuple[Any, ...] = (
    TierStanding.customer_id,
    TierStanding.level_code,
    TierStanding.since_day,
    TierStanding.joined_day,
    TierStanding.settled_day,
    TierStanding.valid_to,
    TierStanding.grace_until,
    TierStanding.floor_code,
    TierStanding.floor_until,
    TierStanding.delivery_day,
)

# On the path of every sale, so it is a text: SQLAlchemy then has nothing to put together.
_LOCK = text("""
    SELECT customer_id, level_code, since_day, joined_day, settled_day, valid_to, grace_until, floor_code, floor_until,
           delivery_day
      FROM tier_standings WHERE customer_id = ANY (ARRAY(SELECT unnest(CAST(:ids AS bigint[]))))
     ORDER BY customer_id FOR NO KEY UPDATE
""")
_ASKED = "tiers.standings asked"


@dataclass(frozen=True, slots=True)
class ChangeView:
    """From `from_day` on the member had `to_code`; None: no scheme was in force."""

    from_day: date
    from_code: str | None
    to_code: str | None
    reason: str
    booked_at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """One decision with its figures, each with metric, kinds, first and last day, figure."""

    day: date
    outcome: str
    from_code: str | None
    to_code: str
    valid_to: date | None
    figures: list[dict[str, Any]]
    policy_version_id: int
    booked_at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class FloorView:
    """A level set by hand; `approver_name` None while it waits for a second person."""

    id: int
    level_code: str
    until_day: date
    reason: str
    setter_id: int
    setter_name: str
    set_at: datetime
    approver_name: str | None
    approved_at: datetime | None


def lowest_level(now: datetime) -> str | None:
    """Return the code of the level with which members begin, or None where no scheme is in force."""
    version = in_force("tiers", now)
    return None if version is None else str(version.rules.base.code)


def standing(customer_id: int) -> Standing:
    """Return the standing of a member; refused as not found for others."""
    for found in standings([customer_id]).values():
        return found
    raise StandingNotFound


def standings(customer_ids: Collection[int]) -> dict[int, Standing]:
    """Return the standings of the members among the customers."""
    return _read(_of(customer_ids))


def lock_standings(customer_ids: Collection[int]) -> dict[int, Standing]:
    """Return the standings of the members among the customers, locked in the order of their ids."""
    asked = set(customer_ids)
    found = {row[0]: Standing(*row) for row in told_ahead(_ASKED, asked) or () if row[0] in asked}
    if missing := sorted(asked - found.keys()):  # never asked ahead, or a member only since then
        found |= {row[0]: Standing(*row) for row in run(_LOCK, {"ids": id_array(missing)})}
    return found


def ask_standings(customer_ids: Collection[int]) -> None:
    """Lock the standings ahead: before the accounts of points, which reviews lock in this order too."""
    ask_ahead(_ASKED, customer_ids, _LOCK, {"ids": id_array(sorted(customer_ids))})


def lock_due(as_of: date, *, after: int, last: int) -> dict[int, Standing]:
    """Return the standings with after < id ≤ last that were to be reviewed by the end of `as_of`, locked."""
    due = (
        select(*_COLUMNS)
        .where(
            TierStanding.customer_id > after,
            TierStanding.customer_id <= last,
            func.coalesce(TierStanding.grace_until, TierStanding.valid_to) <= as_of,
        )
        .order_by(TierStanding.customer_id)
        .with_for_update(key_share=True)
    )
    return _read(due)


def last_of_chunk(*, after: int, size: int) -> int | None:
    """Return the id of the last of the next `size` members behind `after`, or None when there is none."""
    chunk = (
        select(TierStanding.customer_id)
        .where(TierStanding.customer_id > after)
        .order_by(TierStanding.customer_id)
        .limit(size)
        .subquery()
    )
    last: int | None = db.session.scalar(select(func.max(chunk.c.customer_id)))
    return last


def level_counts(as_of: date, *, after: int, last: int) -> dict[str | None, int]:
    """Return how many of the members with after < id ≤ last who had joined by `as_of` have each level now."""
    counts = (
        select(TierStanding.level_code, func.count())
        .where(TierStanding.customer_id > after, TierStanding.customer_id <= last, TierStanding.joined_day <= as_of)
        .group_by(TierStanding.level_code)
    )
    return {row[0]: row[1] for row in db.session.execute(counts)}


def level_on(customer_id: int, day: date) -> tuple[str | None, date] | None:
    """Return the level that a member had at the end of `day` and since when, or None before the member joined."""
    known = (
        select(LevelChange.to_code, LevelChange.from_day)
        .where(LevelChange.customer_id == customer_id, LevelChange.from_day <= day)
        .order_by(LevelChange.id.desc())
        .limit(1)
    )
    row = db.session.execute(known).one_or_none()
    return None if row is None else (row[0], row[1])


def history(customer_id: int, *, limit: int = 50) -> list[ChangeView]:
    """Return the changes of level, the latest first."""
    changes = (
        select(
            LevelChange.from_day,
            LevelChange.from_code,
            LevelChange.to_code,
            LevelChange.reason,
            LevelChange.booked_at,
            LevelChange.by_name,
        )
        .where(LevelChange.customer_id == customer_id)
        .order_by(LevelChange.id.desc())
        .limit(limit)
    )
    return [ChangeView(*row) for row in db.session.execute(changes)]


def evaluations(customer_id: int, *, limit: int = 50) -> list[EvaluationView]:
    """Return the decisions with their figures, the latest first."""
    decided = (
        select(
            TierEvaluation.day,
            TierEvaluation.outcome,
            TierEvaluation.from_code,
            TierEvaluation.to_code,
            TierEvaluation.valid_to,
            TierEvaluation.figures,
            TierEvaluation.policy_version_id,
            TierEvaluation.booked_at,
            TierEvaluation.by_name,
        )
        .where(TierEvaluation.customer_id == customer_id)
        .order_by(TierEvaluation.id.desc())
        .limit(limit)
    )
    return [EvaluationView(*row) for row in db.session.execute(decided)]


def floors(customer_id: int) -> list[FloorView]:
    """Return the levels set by hand, those that wait for a second person included, the latest first."""
    chosen = (
        select(
            TierFloor.id,
            TierFloor.level_code,
            TierFloor.until_day,
            TierFloor.reason,
            TierFloor.setter_id,
            TierFloor.setter_name,
            TierFloor.set_at,
            TierFloor.approver_name,
            TierFloor.approved_at,
        )
        .where(TierFloor.customer_id == customer_id)
        .order_by(TierFloor.id.desc())
    )
    return [FloorView(*row) for row in db.session.execute(chosen)]


def _of(customer_ids: Collection[int]) -> Select[Any]:
    return select(*_COLUMNS).where(TierStanding.customer_id == any_id(customer_ids))


def _read(chosen: Select[Any]) -> dict[int, Standing]:
    return {row[0]: Standing(*row) for row in db.session.execute(chosen)}
