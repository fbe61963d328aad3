"""What messaging does when customers tell something; a merge asks for nothing, as whoever stands for one is asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from loyalty.customers.events import AddressReindexed, CustomerClosed, CustomerErased
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.messaging import service


def forget_messages(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Wipe what messages to erased people said, and cancel those that wait."""
    del now, by
    return _told((one.customer_id, service.forget_people(one.customer_ids)) for one in erasures)


def cancel_messages(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Cancel what waits for owners who closed their accounts."""
    del now, by
    return _told((one.customer_id, service.cancel_all([one.customer_id], reason="closed")) for one in closings)


def follow_addresses(changes: Sequence[AddressReindexed], *, now: datetime, by: Actor) -> list[Effect]:
    """Keep addresses stopped whose index is another one from now on."""
    del now, by
    service.follow_addresses(changes)
    return []


def _told(cancelled: Iterable[tuple[int, int]]) -> list[Effect]:
    sentence = "Messages that wait and are cancelled: {count}."
    return [
        Effect("messaging.cancelled", sentence, {"count": count}, customer_id)
        for customer_id, count in cancelled
        if count
    ]
