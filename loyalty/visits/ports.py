"""What follow-up asks of features that announce to it without its knowing them."""

from datetime import datetime
from typing import Protocol


class ClosedComplaint(Protocol):
    """A complaint that was solved and closed, as whoever handles complaints announces it.

    `loyalty.reactions` lists `reactions.note_complaints` under the event that has these fields, and
    `reactions.end_reopened` is told the numbers of those that are opened again.
    """

    @property
    def complaint_id(self) -> int:
        """Its number."""

    @property
    def customer_id(self) -> int:
        """Who complained."""

    @property
    def vehicle_id(self) -> int | None:
        """The vehicle that it is about, if any."""

    @property
    def store_id(self) -> int:
        """The store that solved it."""

    @property
    def closed_at(self) -> datetime:
        """When it was closed."""
