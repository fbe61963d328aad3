"""Becoming a member."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import text

from loyalty.customers.queries import hold_customers
from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.membership import queries
from loyalty.membership.events import MemberEnrolled
from loyalty.membership.rules import AlreadyMember, Newcomer, check_move, number_of, shown
from loyalty.membership.service.states import change_state
from loyalty.points.queries import forget_earners
from loyalty.points.service import open_accounts
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tiers.queries import lowest_level
from loyalty.tiers.service import open_standings

ENROLLED = "Enrolled as member {number}."

_INSERT = text("""
    WITH asked AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r (
            customer_id bigint, store_id bigint, joined_at timestamptz, joined_day date
        )
    )
    INSERT INTO members (customer_id, store_id, joined_at, joined_day)
    SELECT customer_id, store_id, joined_at, joined_day FROM asked ORDER BY customer_id
    ON CONFLICT (customer_id) DO NOTHING
    RETURNING customer_id
""")


def enrol(
    newcomers: Sequence[Newcomer], *, announced: Collection[tuple[int, date]] = (), now: datetime, by: Actor
) -> list[Effect]:
    """Make members of those who are none yet, each with a number, points accounts and a standing; tell who became one.

    `announced` are the days, as (customer, day), whose sales are being announced and made them members.
    Customers who are members, or were and left, are passed over. Any number of newcomers costs the same few statements.
    """
    if not newcomers:
        return []
    rows = {one.customer_id: one for one in newcomers}
    with transaction() as session:
        hold_buyers(rows, alone=True)
        asked = [
            {
                "customer_id": one.customer_id,
                "store_id": one.store_id,
                "joined_at": one.joined_at,
                "joined_day": one.joined_day,
            }
            for one in rows.values()
        ]
        joined = sorted(session.scalars(_INSERT, {"rows": batch(asked)}))
        if not joined:
            return []
        open_accounts(joined, earning_class=lowest_level(now), now=now, by=by)
        told = _told([rows[customer_id] for customer_id in joined], now=now, by=by)
        days = {customer_id: rows[customer_id].joined_day for customer_id in joined}
        effects = told + open_standings(joined, days, announced=announced, now=now, by=by)
        facts = [rows[customer_id] for customer_id in joined]
        begun = [MemberEnrolled(one.customer_id, one.store_id, one.joined_at, one.joined_day) for one in facts]
        return effects + announce(begun, now=now, by=by)


def hold_buyers(customer_ids: Collection[int], *, alone: bool) -> None:
    """Hold customers who are no members still, so that their sale and their enrolment each see what the other did.

    Else a sale that is recorded while they are being enrolled would count neither there, where it cannot be seen yet,
    nor here, where they are no members yet. Sales share them; an enrolment holds them alone.
    """
    hold_customers(customer_ids, alone=alone)
    forget_earners()  # while we waited, another one may have enrolled them


def enrol_by_hand(newcomer: Newcomer, *, now: datetime, by: Actor) -> list[Effect]:
    """Make a member of one customer, or take back in one who had left; a present member is refused."""
    with transaction():
        effects = enrol([newcomer], now=now, by=by)
        if effects:
            return effects
        before = queries.lock_member_of(newcomer.customer_id, EVERYTHING)
        if before is None or before.state not in {"prospect", "closed"}:
            raise AlreadyMember(number=shown(number_of(newcomer.customer_id)))
        told = change_state(before, check_move("enrol", before.state), None, now=now, by=by)
        return [_effect(newcomer.customer_id), *told]


def _told(newcomers: Sequence[Newcomer], *, now: datetime, by: Actor) -> list[Effect]:
    """Write the audit and timeline rows of enrolments and return their effects."""
    effects = [_effect(one.customer_id) for one in newcomers]
    record_audit(
        [
            AuditEntry(
                "member.enrolled",
                "member",
                one.customer_id,
                by,
                now,
                customer_id=one.customer_id,
                store_id=one.store_id,
                after={"number": number_of(one.customer_id), "joined_day": one.joined_day.isoformat()},
            )
            for one in newcomers
        ]
    )
    write_timeline(
        [
            TimelineEntry(one.customer_id, one.joined_at, "member", ENROLLED, effect.numbers, by=by.name)
            for one, effect in zip(newcomers, effects, strict=True)
        ]
    )
    return effects


def _effect(customer_id: int) -> Effect:
    return Effect("membership.enrolled", ENROLLED, {"number": shown(number_of(customer_id))}, customer_id)
