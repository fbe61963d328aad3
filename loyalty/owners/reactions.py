"""What an erasure means for sign-in: nobody is signed in as the person any more, and no form keeps what was typed."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomerClosed, CustomerErased, CustomersMerged
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.owners import service


def end_sessions(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """End the sessions of erased people, and forget their codes and what forms kept of them."""
    del now, by
    for one in erasures:
        service.forget_people(one.customer_ids, one.traces)
    return []


def end_gone_sessions(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """End the sessions of the gone customer: the phone signs in as the kept one from now on."""
    del now, by
    for one in merges:
        service.forget_people([one.gone_id], ())
    return []


def end_closed_sessions(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Sign the owner out on every browser."""
    del now, by
    for one in closings:
        service.forget_people([one.customer_id], ())
    return []
