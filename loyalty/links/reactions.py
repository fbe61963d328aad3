"""What erasures of customers mean for what links keep; what was taken is a sale, and sales see to theirs."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomerErased
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.links import service


def forget_people(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Take what names the person out of what was not taken, of events that wait, and of kept answers."""
    del now, by
    cleared = sum(service.forget_people(one.traces) for one in erasures)
    sentence = "Kept things of the link to the core system that are cleared: {count}."
    return [Effect("links.kept_cleared", sentence, {"count": cleared})] if cleared else []
