"""What sales announce, always in batches of one type and inside the transaction of the fact.

Amounts are minor units of the sale's currency.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from loyalty.sales.rules import LineFact

__all__ = [
    "DeliveryCorrected",
    "LineFact",
    "RefundedLine",
    "SaleCorrected",
    "SaleRecorded",
    "SaleRefunded",
    "VehicleDelivered",
]


class SaleRecorded(NamedTuple):
    """A sale came in; `points_paid_minor` is the part of its gross amount that was paid with points.

    `read` says that it told the mileage of the vehicle.
    """

    sale_id: int
    version: int
    customer_id: int
    store_id: int
    vehicle_id: int | None
    source: str
    number: str
    kind: str
    occurred_at: datetime
    business_day: date
    zone: str
    currency: str
    net_minor: int
    gross_minor: int
    points_paid_minor: int
    lines: tuple[LineFact, ...]
    read: bool = False


@dataclass(frozen=True, slots=True)
class SaleCorrected:
    """A sale has other content now: the same `sale_id`, one version on; even the customer may be another one."""

    before: SaleRecorded
    after: SaleRecorded


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """How much of one line was given back."""

    number: int
    quantity: Decimal
    net_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class SaleRefunded:
    """Lines of a sale were given back, wholly or in part.

    `refunded_before` holds what earlier refunds gave back, added up by line; lines never refunded before are not in it.
    """

    refund_id: int
    number: str
    sale: SaleRecorded
    occurred_at: datetime
    business_day: date
    store_id: int
    lines: tuple[RefundedLine, ...]
    refunded_before: tuple[RefundedLine, ...]
    dealer_fault: bool


@dataclass(frozen=True, slots=True)
class VehicleDelivered:
    """A sold vehicle was handed over to its buyer."""

    sale_id: int
    customer_id: int
    vehicle_id: int
    store_id: int
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryCorrected:
    """A delivery was on another day, of another vehicle or to another buyer; `after` None when there was none at all.

    What hangs on `before` is void, and what hangs on `after` is planned anew.
    """

    before: VehicleDelivered
    after: VehicleDelivered | None
