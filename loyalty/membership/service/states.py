"""Suspending, resuming and closing a membership."""

from datetime import datetime

from sqlalchemy import update

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.membership import queries
from loyalty.membership.events import MemberChanged
from loyalty.membership.models import Member
from loyalty.membership.queries import MemberView
from loyalty.membership.rules import check_move, shown
from loyalty.points.service import set_earning
from loyalty.staff.service import AuditEntry, record_audit

STATE_TEXTS = {
    "active": "Membership {number} is active.",
    "suspended": "Membership {number} is suspended.",
    "closed": "Membership {number} is closed.",
}
# The reason stands where it can be forgotten: with the membership and in the timeline, not in answers and trails.
TIMELINE_TEXTS = STATE_TEXTS | {
    "suspended": "Membership {number} is suspended: {reason}",
    "closed": "Membership {number} is closed: {reason}",
}


def suspend(number: str, reason: str, *, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    """Keep a member from using points until resumed; what is earned meanwhile counts."""
    return _move("suspend", number, reason, scope=scope, now=now, by=by)


def resume(number: str, *, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    """Let a suspended member use points again."""
    return _move("resume", number, None, scope=scope, now=now, by=by)


def close(number: str, reason: str, *, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    """End a membership; number, points and history stay in the books."""
    return _move("close", number, reason, scope=scope, now=now, by=by)


def _move(move: str, number: str, reason: str | None, *, scope: Scope, now: datetime, by: Actor) -> list[Effect]:
    with transaction():
        member = queries.lock_member(number, scope)
        state = check_move(move, member.state)
        told = change_state(member, state, reason, now=now, by=by)
        return [_effect(member, state), *told]


def change_state(member: MemberView, state: str, reason: str | None, *, now: datetime, by: Actor) -> list[Effect]:
    """Write a locked member's new state with its audit and timeline rows; return what those above did about it."""
    with transaction() as session:
        session.execute(
            update(Member)
            .where(Member.customer_id == member.customer_id)
            .values(state=state, state_reason=reason)
            .execution_options(synchronize_session=False)
        )
        set_earning([member.customer_id], earns=state != "closed")
        record_audit(
            [
                AuditEntry(
                    f"member.{state}",
                    "member",
                    member.customer_id,
                    by,
                    now,
                    customer_id=member.customer_id,
                    store_id=member.store_id,
                    before={"state": member.state},
                    after={"state": state},
                )
            ]
        )
        numbers = {"number": shown(member.number), "reason": reason or ""}
        write_timeline([TimelineEntry(member.customer_id, now, "member", TIMELINE_TEXTS[state], numbers, by=by.name)])
        return announce([MemberChanged(member.customer_id, member.store_id, member.state, state)], now=now, by=by)


def _effect(member: MemberView, state: str) -> Effect:
    return Effect(f"membership.{state}", STATE_TEXTS[state], {"number": shown(member.number)}, member.customer_id)
