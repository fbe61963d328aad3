"""What enrolment is asked with."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer about to become a member: of which store, since when; the day is the store's."""

    customer_id: int
    store_id: int
    joined_at: datetime
    joined_day: date
