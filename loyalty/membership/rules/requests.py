"""What is asked of a member's points."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Use:
    """A use of points by or for a member: `number` as typed, signed `points` for adjustments only.

    `store_id` None means the member's own store; `order_minor` is the value of the order that the points pay a part of,
    in minor units of the store's currency; `occurred_at` None means now; `document` is the number of the work order.
    """

    number: str
    points: int
    reason: str = ""
    store_id: int | None = None
    document: str = ""
    order_minor: int | None = None
    occurred_at: datetime | None = None
