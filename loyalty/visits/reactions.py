"""What deliveries, sales, owners, readings and results of calls mean for follow-up."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import (
    CustomerClosed,
    CustomerErased,
    CustomersMerged,
    CustomersParted,
    MileageRead,
    OwnerChanged,
)
from loyalty.customers.service import carry_back, carry_over
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.effects import Effect
from loyalty.messaging.events import MessageEnded
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered
from loyalty.staff.queries import stores_by_ids
from loyalty.tasks.events import TaskConcluded, TaskReopened
from loyalty.tasks.rules import REFUSED
from loyalty.visits import service
from loyalty.visits.ports import ClosedComplaint
from loyalty.visits.queries import ABOUT, Noted
from loyalty.visits.rules import COMPLAINT, DELIVERY, READING, SERVICE

PART = "visits"


def note_services(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Let services be planned, and what was planned be reckoned anew by the mileage that came with any sale."""
    del by
    service.note_facts(_facts(sales), now=now)
    return []


def note_deliveries(deliveries: Sequence[VehicleDelivered], *, now: datetime, by: Actor) -> list[Effect]:
    """Let deliveries be planned."""
    del by
    service.note_facts(_deliveries(deliveries), now=now)
    return []


def replan_deliveries(corrections: Sequence[DeliveryCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """End what hung on deliveries that were otherwise, and plan them anew."""
    ended = service.void_of((DELIVERY,), [one.before.sale_id for one in corrections], "corrected", now=now, by=by)
    service.note_facts(_deliveries([one.after for one in corrections if one.after is not None]), now=now)
    return _ended(ended)


def replan_corrected(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """End what hung on services that were on another day, of another vehicle or customer, and plan them anew.

    What hangs on the mileage that sales told is reckoned anew in any case.
    """
    changed = [one for one in corrections if _about(one.before) != _about(one.after)]
    ended = service.void_of((SERVICE,), [one.before.sale_id for one in changed], "corrected", now=now, by=by)
    again = [_noted(one.after, SERVICE) for one in changed if one.after.kind == SERVICE]
    told = [sale for one in corrections for sale in (one.before, one.after) if sale.vehicle_id is not None]
    service.note_facts([*again, *(_noted(sale, READING) for sale in told)], now=now)
    return _ended(ended)


def end_refunded(refunds: Sequence[SaleRefunded], *, now: datetime, by: Actor) -> list[Effect]:
    """End what hung on sales that were given back wholly."""
    whole = [
        one.sale.sale_id
        for one in refunds
        if sum(line.gross_minor for line in (*one.lines, *one.refunded_before)) >= one.sale.gross_minor > 0
    ]
    return _ended(service.void_of((SERVICE, DELIVERY), whole, "refunded", now=now, by=by)) if whole else []


def stop_sold(changes: Sequence[OwnerChanged], *, now: datetime, by: Actor) -> list[Effect]:
    """Stop the plans of vehicles for those who no longer own them."""
    ended = sum(
        service.stop_of_vehicle(one.vehicle_id, one.former_id, now=now, by=by)
        for one in changes
        if one.former_id is not None
    )
    return _ended(ended)


def replan_read(readings: Sequence[MileageRead], *, now: datetime, by: Actor) -> list[Effect]:
    """Reckon anew what depends on mileage."""
    del now, by
    service.replan_vehicles({one.vehicle_id for one in readings})
    return []


def note_complaints(closings: Sequence[ClosedComplaint], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the follow-up of closed complaints be planned."""
    del by
    zones = {store.id: store.zone for store in stores_by_ids({one.store_id for one in closings}).values()}
    service.note_facts(
        [
            Noted(
                one.customer_id,
                0,
                COMPLAINT,
                None,
                1,
                one.vehicle_id,
                one.store_id,
                day_at(one.closed_at, zones[one.store_id]),
                one.complaint_id,
            )
            for one in closings
        ],
        now=now,
    )
    return []


def end_reopened(complaint_ids: Sequence[int], *, now: datetime, by: Actor) -> list[Effect]:
    """End what hung on complaints that are open again."""
    return _ended(service.void_of((COMPLAINT,), complaint_ids, "reopened", now=now, by=by))


def settle(conclusions: Sequence[TaskConcluded], *, now: datetime, by: Actor) -> list[Effect]:
    """Write that steps are done, and stop the plans of owners who do not want to be called."""
    mine = [one for one in conclusions if one.about_kind == ABOUT]
    service.settle_steps([one.about_id for one in mine if not one.follows], done=True, now=now)
    asked = [one.about_id for one in mine if one.means == REFUSED]
    return _ended(service.stop_asked(asked, now=now, by=by)) if asked else []


def settle_messages(ends: Sequence[MessageEnded], *, now: datetime, by: Actor) -> list[Effect]:
    """Write what came of the messages of steps."""
    del by
    mine = [(one.about_id, one.state) for one in ends if one.about_kind == ABOUT and one.about_id is not None]
    service.settle_messages(mine, now=now)
    return []


def unsettle(reopened: Sequence[TaskReopened], *, now: datetime, by: Actor) -> list[Effect]:
    """Take that back, also what it stopped."""
    mine = [one.about_id for one in reopened if one.about_kind == ABOUT]
    service.settle_steps(mine, done=False, now=now)
    if mine:
        service.resume_asked(mine, now=now, by=by)
    return []


def carry_plans(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the plans of the gone customer be the kept one's."""
    del now, by
    carry_over(merges, PART, service.carry_plans)
    return []


def return_plans(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the gone customer its plans back."""
    del now, by
    carry_back(partings, PART, service.carry_plans)
    return []


def end_closed(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Stop the plans of customers who have closed their account."""
    service.end_of_customers([one.customer_id for one in closings], now=now, by=by)
    return []


def forget_people(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Stop the plans of erased people, and take out the vehicles."""
    for one in erasures:
        service.end_of_customers(one.customer_ids, now=now, by=by)
        service.forget_vehicles(one.customer_ids)
    return []


def _facts(sales: Sequence[SaleRecorded]) -> list[Noted]:
    services = [_noted(sale, SERVICE) for sale in sales if sale.kind == SERVICE]
    others = [sale for sale in sales if sale.kind != SERVICE and sale.vehicle_id is not None and sale.read]
    return [*services, *(_noted(sale, READING) for sale in others)]


def _noted(sale: SaleRecorded, trigger: str) -> Noted:
    about = (sale.vehicle_id, sale.store_id, sale.business_day)
    return Noted(sale.customer_id, 0, trigger, sale.sale_id, sale.version, *about)


def _deliveries(deliveries: Sequence[VehicleDelivered]) -> list[Noted]:
    zones = stores_by_ids({one.store_id for one in deliveries}) if deliveries else {}
    return [
        Noted(
            one.customer_id,
            0,
            DELIVERY,
            one.sale_id,
            1,
            one.vehicle_id,
            one.store_id,
            day_at(one.delivered_at, zones[one.store_id].zone),
        )
        for one in deliveries
    ]


def _about(sale: SaleRecorded) -> tuple[object, ...]:
    return (sale.kind, sale.customer_id, sale.vehicle_id, sale.store_id, sale.business_day)


def _ended(count: int) -> list[Effect]:
    return [Effect("plans.ended", "Follow-up plans that end: {count}.", {"count": count})] if count else []
