"""The texts of messages that come with the product, written once; what people made of them stays."""

from collections.abc import Callable, Sequence
from datetime import datetime

from loyalty.app import create_app
from loyalty.appointments import service as appointments
from loyalty.kernel.db import database_now
from loyalty.messaging import service as messaging
from loyalty.owners import service as owners
from loyalty.visits import service as visits

FIRST_TEXTS: Sequence[Callable[..., int]] = (
    messaging.ensure_texts,
    owners.ensure_texts,
    appointments.ensure_texts,
    visits.ensure_texts,
)
"""Each feature writes those of its own that are not there yet, and returns how many."""


def write_first_texts(now: datetime) -> int:
    """Write the texts that are not there yet; return how many."""
    return sum(write(now=now) for write in FIRST_TEXTS)


def write_texts() -> None:
    """Write the texts that are not there yet into the database of the environment."""
    with create_app().app_context():
        write_first_texts(database_now())
