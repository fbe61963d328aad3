"""Merges of customers: days counted anew from the sales that came over, the higher level kept, and back again.

Taken back while nothing was decided since, both members have what they had. After a decision (a rise, a review) the
kept member keeps its level until the next review decides by its own figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points.service import set_earning_class
from loyalty.programme.queries import in_force
from loyalty.tiers import queries
from loyalty.tiers.models import REFERRAL, LevelChange, TierFloor, TierStanding
from loyalty.tiers.rules import Standing
from loyalty.tiers.rules.merging import merged_standing
from loyalty.tiers.service.facts import gather_days, rise

NEVER = date.max
"""The day of joining of a member that another one stands for: nobody counts or reviews it."""

_CLEAR = text("""
    UPDATE tier_days SET net_minor = 0, paid_orders = 0, largest_minor = 0
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND kind <> :referral
""")
_TAKE_REFERRALS = text("""
    WITH gone AS (
        DELETE FROM tier_days WHERE customer_id = :gone AND kind = :referral RETURNING day, paid_orders
    ), added AS (
        INSERT INTO tier_days AS d (customer_id, day, kind, currency, net_minor, paid_orders, largest_minor)
        SELECT :kept, day, :referral, '', 0, paid_orders, 0 FROM gone
        ON CONFLICT (customer_id, day, kind, currency) DO UPDATE SET paid_orders = d.paid_orders + excluded.paid_orders
    )
    SELECT day, paid_orders FROM gone
""")
_GIVE_REFERRALS = text("""
    WITH back AS (
        SELECT * FROM unnest(CAST(:days AS date[]), CAST(:counts AS bigint[])) AS b (day, referrals)
    ), taken AS (
        UPDATE tier_days AS d SET paid_orders = d.paid_orders - b.referrals FROM back AS b
        WHERE d.customer_id = :kept AND d.day = b.day AND d.kind = :referral
    )
    INSERT INTO tier_days (customer_id, day, kind, currency, net_minor, paid_orders, largest_minor)
    SELECT :gone, day, :referral, '', 0, referrals, 0 FROM back
    ON CONFLICT DO NOTHING
""")


def merge_standings(
    *, kept: int, gone: int, today: date, now: datetime, by: Actor
) -> tuple[dict[str, Any], list[Effect]]:
    """Let the kept member have the higher level and count both members' days; return what was, and what changed."""
    with transaction() as session:
        found = queries.lock_standings([kept, gone])
        referrals = _take_referrals(session, kept=kept, gone=gone)
        if kept not in found:
            return {}, []
        _count_anew(session, kept, gone)
        if gone not in found:
            return {"referrals": referrals}, rise({kept: found[kept]}, [(kept, today)], now=now, by=by)
        version = in_force("tiers", now)
        after = merged_standing(None if version is None else version.rules, found[kept], found[gone])
        _write(session, after)
        session.execute(
            update(TierStanding)
            .where(TierStanding.customer_id == gone)
            .values(joined_day=NEVER, valid_to=None, grace_until=None, floor_code=None, floor_until=None)
        )
        effects = _change_level(session, found[kept], after.level_code, today, now=now, by=by)
        effects += rise({kept: after}, [(kept, today)], now=now, by=by)
        content = {
            "kept": _told(found[kept]),
            "gone": _told(found[gone]),
            "after": _told(queries.standing(kept)),
            "referrals": referrals,
        }
        return content, effects


def part_standings(
    content: Mapping[str, Any], *, kept: int, gone: int, today: date, now: datetime, by: Actor
) -> list[Effect]:
    """Give both members what they had, the kept one only while nothing was decided since; count the days anew."""
    with transaction() as session:
        found = queries.lock_standings([kept, gone])
        _give_referrals(session, content.get("referrals", []), kept=kept, gone=gone)
        if kept not in found:
            return []
        _count_anew(session, kept, gone)
        if "gone" not in content:
            return []
        effects: list[Effect] = []
        if _told(found[kept]) == content["after"]:
            before = _read(content["kept"])
            effects += _change_level(session, found[kept], before.level_code, today, now=now, by=by)
            _write(session, before)
        restored = _read(content["gone"])
        _write(session, restored)
        set_earning_class({gone: restored.level_code}, now=now, by=by)
        return effects + rise({gone: restored}, [(gone, today)], now=now, by=by)


def _count_anew(session: Session, *customer_ids: int) -> None:
    session.execute(_CLEAR, {"ids": list(customer_ids), "referral": REFERRAL})
    gather_days(customer_ids)


def _take_referrals(session: Session, *, kept: int, gone: int) -> list[list[Any]]:
    rows = session.execute(_TAKE_REFERRALS, {"kept": kept, "gone": gone, "referral": REFERRAL})
    return [[row.day.isoformat(), row.paid_orders] for row in rows]


def _give_referrals(session: Session, referrals: list[list[Any]], *, kept: int, gone: int) -> None:
    if referrals:
        days, counts = [date.fromisoformat(day) for day, _ in referrals], [count for _, count in referrals]
        session.execute(
            _GIVE_REFERRALS, {"kept": kept, "gone": gone, "referral": REFERRAL, "days": days, "counts": counts}
        )


def _change_level(
    session: Session, before: Standing, level_code: str | None, day: date, *, now: datetime, by: Actor
) -> list[Effect]:
    """Write the change of level that a merge or its undoing brings, and let sales multiply by it."""
    if before.level_code == level_code:
        return []
    session.add(
        LevelChange(
            customer_id=before.customer_id,
            from_day=day,
            from_code=before.level_code,
            to_code=level_code,
            reason="merge",
            booked_at=now,
            by_name=by.name,
        )
    )
    set_earning_class({before.customer_id: level_code}, now=now, by=by)
    version = in_force("tiers", now)
    if version is None or level_code is None:
        return []
    level = version.rules.level(level_code)
    numbers = {"level": level.name["en"], "level_zh": level.name["zh"], "level_code": level.code}
    return [Effect("tiers.merged", "The level is {level}.", numbers, before.customer_id)]


def _write(session: Session, standing: Standing) -> None:
    values = asdict(standing)
    customer_id = values.pop("customer_id")
    session.execute(update(TierStanding).where(TierStanding.customer_id == customer_id).values(**values))


def _told(standing: Standing) -> dict[str, Any]:
    """Return a standing as JSON keeps it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(standing).items()}


_DAYS = frozenset(field.name for field in fields(Standing) if field.name.endswith(("_day", "_to", "_until")))


def _read(told: Mapping[str, Any]) -> Standing:
    values: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DAYS and value is not None else value
        for name, value in told.items()
    }
    return Standing(**values)


def forget_reasons(customer_ids: Sequence[int]) -> None:
    """Empty what people wrote about levels set by hand for these customers."""
    with transaction() as session:
        session.execute(
            update(TierFloor)
            .where(TierFloor.customer_id.in_(list(customer_ids)))
            .values(reason="")
            .execution_options(synchronize_session=False)
        )
