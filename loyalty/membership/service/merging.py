"""Merges and erasures among members: who may be kept, since when, and who is one no more."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.membership import queries
from loyalty.membership.models import Member
from loyalty.membership.rules import KeepTheMember, SuspendedBeforeMerge, shown
from loyalty.membership.service.states import change_state

ERASED = "—"
"""The reason of a state that may have named somebody."""


def check_members(*, kept: int, gone: int) -> None:
    """Refuse a merge that would take points and level from a member to somebody who is none, or out of a suspension."""
    with transaction():
        found = {customer_id: queries.lock_member_of(customer_id, EVERYTHING) for customer_id in sorted((kept, gone))}
    for member in found.values():
        if member is not None and member.state == "suspended":
            raise SuspendedBeforeMerge(number=shown(member.number), reason=member.state_reason or "")
    staying, leaving = found[kept], found[gone]
    if leaving is not None and leaving.state == "active" and (staying is None or staying.state != "active"):
        raise KeepTheMember(kept=customer_number(kept), gone=customer_number(gone))


def merge_members(*, kept: int, gone: int, now: datetime, by: Actor) -> dict[str, Any]:
    """Close the gone membership, and let the kept one begin where the older began; return what was."""
    with transaction():
        staying = queries.lock_member_of(kept, EVERYTHING)
        leaving = queries.lock_member_of(gone, EVERYTHING)
        if leaving is None or staying is None:
            return {}
        was = {
            "joined_at": staying.joined_at.isoformat(),
            "joined_day": staying.joined_day.isoformat(),
            "state": leaving.state,
            "reason": leaving.state_reason,
        }
        if leaving.joined_at < staying.joined_at:
            _begin(kept, leaving.joined_at, leaving.joined_day)
        if leaving.state != "closed":
            change_state(leaving, "closed", f"→ {customer_number(kept)}", now=now, by=by)
        return was


def part_members(was: dict[str, Any], *, kept: int, gone: int, now: datetime, by: Actor) -> None:
    """Open the gone membership again as it was, and let the kept one begin when it did."""
    with transaction():
        leaving = queries.lock_member_of(gone, EVERYTHING)
        if leaving is None or not was:
            return
        _begin(kept, datetime.fromisoformat(was["joined_at"]), date.fromisoformat(was["joined_day"]))
        if was["state"] != leaving.state:
            change_state(leaving, was["state"], was["reason"], now=now, by=by)


def _begin(customer_id: int, joined_at: datetime, joined_day: date) -> None:
    with transaction() as session:
        session.execute(
            update(Member)
            .where(Member.customer_id == customer_id)
            .values(joined_at=joined_at, joined_day=joined_day)
            .execution_options(synchronize_session=False)
        )


def forget_members(customer_ids: Sequence[int], *, now: datetime, by: Actor) -> list[Effect]:
    """Close the memberships of these customers, and empty the reasons of their states."""
    effects = []
    with transaction() as session:
        for customer_id in customer_ids:
            member = queries.lock_member_of(customer_id, EVERYTHING)
            if member is not None and member.state != "closed":
                change_state(member, "closed", ERASED, now=now, by=by)
                effects.append(Effect("membership.erased", "The membership is closed.", {}, customer_id))
        session.execute(
            update(Member)
            .where(Member.customer_id.in_(list(customer_ids)), Member.state_reason.is_not(None))
            .values(state_reason=ERASED)
            .execution_options(synchronize_session=False)
        )
    return effects


def close_member(customer_id: int, *, now: datetime, by: Actor) -> list[Effect]:
    """Close the membership of a customer who closed the account; nothing for who is no member."""
    with transaction():
        member = queries.lock_member_of(customer_id, EVERYTHING)
        if member is None or member.state == "closed":
            return []
        change_state(member, "closed", by.name, now=now, by=by)
        sentence = "The membership {number} ends, and with it the level."
        return [Effect("membership.ended", sentence, {"number": shown(member.number)}, customer_id)]
