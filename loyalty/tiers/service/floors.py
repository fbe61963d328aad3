"""Levels set by hand: one person sets, another approves, and until the end day the member does not fall below."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.points.service import set_earning_class
from loyalty.staff.queries import person_behind
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tiers import queries
from loyalty.tiers.events import LevelReached
from loyalty.tiers.models import LevelChange, TierFloor, TierStanding
from loyalty.tiers.rules import (
    FloorEffect,
    FloorEnded,
    FloorNotFound,
    Level,
    LevelNotFound,
    NobodySets,
    SamePerson,
    Scheme,
)

SET = "Level {level} by hand until {until}: {reason}"
TOLD = "Level {level} by hand until {until}."
"""What answers and the audit trail tell: they are kept for ever, and the reason may have to be forgotten."""


def set_floor(
    customer_id: int, level_code: str, *, until: date, reason: str, today: date, now: datetime, by: Actor
) -> int:
    """Write down a level that the member is not to fall below through `until`; return its number for the approval.

    It counts only once another person approves it. Refused: a level that is not in force, an end before `today`, and
    a token that no person answers for.
    """
    _floor_level(level_code, until, today)
    with transaction() as session:
        queries.standing(customer_id)
        floor = TierFloor(
            customer_id=customer_id,
            level_code=level_code,
            until_day=until,
            reason=reason,
            setter_id=_person(by),
            setter_name=by.name,
            set_at=now,
        )
        session.add(floor)
        session.flush()
        _audit("tier.floor_set", floor, now=now, by=by)
        return floor.id


def approve_floor(customer_id: int, floor_id: int, *, today: date, now: datetime, by: Actor) -> list[Effect]:
    """Let a level set by hand count from `today` on; it lifts at once whoever is below.

    Refused: one's own (SamePerson), one that has ended, and one that is not there or was approved before.
    """
    scheme: Scheme = queries.scheme_on(today).rules
    approver_id = _person(by)
    with transaction() as session:
        # The standing first, as whoever counts a sale does: nobody waits crosswise.
        standing = queries.lock_standings([customer_id]).get(customer_id)
        waiting = (
            select(TierFloor)
            .where(TierFloor.customer_id == customer_id, TierFloor.id == floor_id, TierFloor.approved_at.is_(None))
            .with_for_update()
        )
        floor = session.scalar(waiting)
        if floor is None or standing is None:
            raise FloorNotFound
        if floor.setter_id == approver_id:
            raise SamePerson(name=floor.setter_name)
        if floor.until_day < today:
            raise FloorEnded(until=today.isoformat())
        floor.approver_id, floor.approver_name, floor.approved_at = approver_id, by.name, now
        level = scheme.level(floor.level_code)
        values: dict[str, Any] = {"floor_code": level.code, "floor_until": floor.until_day}
        lifts = level.rank > scheme.level(standing.level_code).rank
        if lifts:
            # Reviewed when the floor ends: until then there is nothing to decide.
            values |= {"level_code": level.code, "since_day": today, "valid_to": floor.until_day, "grace_until": None}
            session.add(
                LevelChange(
                    customer_id=customer_id,
                    from_day=today,
                    from_code=standing.level_code,
                    to_code=level.code,
                    reason="floor",
                    booked_at=now,
                    by_name=by.name,
                )
            )
            set_earning_class({customer_id: level.code}, now=now, by=by)
        session.execute(update(TierStanding).where(TierStanding.customer_id == customer_id).values(**values))
        _audit("tier.floor_approved", floor, now=now, by=by)
        reached = [LevelReached(customer_id, level.code, level.name, today)] if lifts else []
        return _tell(floor, level, now=now, by=by) + announce(reached, now=now, by=by)


def drop_floor(customer_id: int, floor_id: int, *, now: datetime, by: Actor) -> None:
    """Take away a level set by hand that was not approved; who asked and why it went back stands in the approvals."""
    with transaction() as session:
        waiting = (
            delete(TierFloor)
            .where(TierFloor.customer_id == customer_id, TierFloor.id == floor_id, TierFloor.approved_at.is_(None))
            .returning(TierFloor)
        )
        for floor in session.scalars(waiting):
            _audit("tier.floor_dropped", floor, now=now, by=by)


def floor_effect(customer_id: int, level_code: str, *, until: date, today: date) -> FloorEffect:
    """Return what a level set by hand would do if it were approved today; refused as by `set_floor`."""
    scheme, level = _floor_level(level_code, until, today)
    standing = queries.standing(customer_id)
    present = scheme.level(standing.level_code)
    lifts = level.rank > present.rank
    return FloorEffect(
        before=present,
        after=level if lifts else present,
        valid_before=standing.valid_to,
        valid_after=until if lifts else standing.valid_to,
        effect=_effect(level, until, customer_id),
    )


def _floor_level(level_code: str, until: date, today: date) -> tuple[Scheme, Level]:
    scheme: Scheme = queries.scheme_on(today).rules
    codes = [level.code for level in scheme.levels if level.rank > 0]
    if level_code not in codes:
        raise LevelNotFound(level=level_code, levels=", ".join(codes))
    if until < today:
        raise FloorEnded(until=today.isoformat())
    return scheme, scheme.level(level_code)


def _person(by: Actor) -> int:
    """Return the account that acts, or answers for the token; refused when nobody does."""
    person = person_behind(by)
    if person is None:
        raise NobodySets
    return person


def _audit(action: str, floor: TierFloor, *, now: datetime, by: Actor) -> None:
    after = {"level": floor.level_code, "until": floor.until_day.isoformat()}
    record_audit([AuditEntry(action, "tier_floor", floor.id, by, now, customer_id=floor.customer_id, after=after)])


def _numbers(level: Level, until: date) -> dict[str, Any]:
    return {
        "level": level.name["en"],
        "level_zh": level.name["zh"],
        "level_code": level.code,
        "until": until.isoformat(),
    }


def _tell(floor: TierFloor, level: Level, *, now: datetime, by: Actor) -> list[Effect]:
    numbers = _numbers(level, floor.until_day) | {"reason": floor.reason}
    write_timeline([TimelineEntry(floor.customer_id, now, "tier", SET, numbers, by.name)])
    return [_effect(level, floor.until_day, floor.customer_id)]


def _effect(level: Level, until: date, customer_id: int) -> Effect:
    return Effect("tiers.floor", TOLD, _numbers(level, until), customer_id)
