"""Messages that are due: each channel is drained by as many hands as it has work for; what lapsed is freed."""

from datetime import datetime

from jobs.runner import job
from loyalty.messaging import service
from loyalty.messaging.queries.channels import HANDS
from loyalty.messaging.rules import CHANNELS


@job
def drain(now: datetime, number: int) -> None:
    """Send what is due on the channel of that number; several hands at once share it."""
    del now  # the database's clock decides at each step
    service.drain(CHANNELS[number % HANDS])


@job
def deliver(now: datetime, number: int) -> None:
    """Tell the system behind the webhook of that number what is due."""
    del now
    service.deliver(number)


@job
def inquire(now: datetime, number: int) -> None:
    """Ask the provider of the channel of that number what became of unclear messages."""
    del now
    while service.inquire(CHANNELS[number]):
        pass


@job
def sweep(now: datetime, number: int) -> None:
    """Free what lapsed, settle what was answered late, end what is too late; there is one sweep, `number` is 1."""
    del now, number
    while service.sweep() or service.expire() or service.sweep_hooks():
        pass
