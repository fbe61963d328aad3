"""What messaging does when customers tell something; a merge asks for nothing, as whoever stands for one is asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from loyalty.customers.events import AddressReindexed, CustomerClosed, CustomerErased
from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.messaging import service
from loyalty.messaging.events import MessageEnded, OptedOut, ReplyArrived
from loyalty.messaging.service import NewEvent


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


def publish_ends(ends: Sequence[MessageEnded], *, now: datetime, by: Actor) -> list[Effect]:
    """Tell other systems which messages came to an end."""
    del by
    events = [
        NewEvent(
            "message.ended",
            {"message": one.message_id, "customer": customer_number(one.customer_id), "state": one.state},
        )
        for one in ends
    ]
    service.publish(events, now=now)
    return []


def publish_replies(replies: Sequence[ReplyArrived], *, now: datetime, by: Actor) -> list[Effect]:
    """Tell other systems that somebody replied; what they said is read here."""
    del by
    events = [
        NewEvent(
            "reply.arrived",
            {
                "reply": one.reply_id,
                "customer": None if one.customer_id is None else customer_number(one.customer_id),
                "channel": one.channel,
            },
        )
        for one in replies
    ]
    service.publish(events, now=now)
    return []


def publish_opt_outs(leaving: Sequence[OptedOut], *, now: datetime, by: Actor) -> list[Effect]:
    """Tell other systems who wants no more offers."""
    del by
    events = [
        NewEvent("customer.opted_out", {"customer": customer_number(one.customer_id), "channels": list(one.channels)})
        for one in leaving
    ]
    service.publish(events, now=now)
    return []


def _told(cancelled: Iterable[tuple[int, int]]) -> list[Effect]:
    sentence = "Messages that wait and are cancelled: {count}."
    return [
        Effect("messaging.cancelled", sentence, {"count": count}, customer_id)
        for customer_id, count in cancelled
        if count
    ]
