"""What changes of customers and their cars mean for appointments."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.appointments import service
from loyalty.customers.events import CustomerClosed, CustomerErased, CustomersMerged, CustomersParted, OwnerChanged
from loyalty.customers.service import carry_back, carry_over
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect

PART = "appointments"


def cancel_sold(changes: Sequence[OwnerChanged], *, now: datetime, by: Actor) -> list[Effect]:
    """Cancel what the former owner had agreed on for the car."""
    ended = sum(
        service.end_of_vehicle(one.vehicle_id, one.former_id, now=now, by=by)
        for one in changes
        if one.former_id is not None
    )
    return [Effect("appointments.ended", "Appointments cancelled: {count}.", {"count": ended})] if ended else []


def carry_appointments(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the appointments of the gone customer be the kept one's."""
    del now, by
    carry_over(merges, PART, service.carry)
    return []


def return_appointments(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the gone customer its appointments back."""
    del now, by
    carry_back(partings, PART, service.carry)
    return []


def end_closed(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Cancel what is ahead of customers who have closed their account."""
    service.end_of_customers([one.customer_id for one in closings], now=now, by=by)
    return []


def forget_people(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Cancel what is ahead of an erased person, and take out what tells of the person."""
    for one in erasures:
        service.end_of_customers(one.customer_ids, now=now, by=by)
        service.forget_people(one.customer_ids)
    return []
