"""What membership announces, always in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class MemberEnrolled:
    """A customer became a member for the first time, of that store, since that day there."""

    customer_id: int
    store_id: int
    joined_at: datetime
    joined_day: date


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A membership went from one state to another: suspended, resumed, closed, or opened again under its number."""

    customer_id: int
    store_id: int
    before: str
    after: str
