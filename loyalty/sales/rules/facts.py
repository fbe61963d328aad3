"""What the dealer's systems tell us: a sale, its lines, who bought, which vehicle; and a refund.

A fact carries codes and numbers of the other system; which rows of ours they name is found when it is recorded.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Literal, NamedTuple

Kind = Literal["vehicle", "service", "parts", "accessory", "insurance", "warranty", "other"]
KINDS: tuple[Kind, ...] = ("vehicle", "service", "parts", "accessory", "insurance", "warranty", "other")

ONE = Decimal(1)

# A day without a time is what a file has; a naive moment is the store's local time.
When = datetime | date


class LineFact(NamedTuple):
    """One line as it was sold, in minor units; `gross_minor` is what the buyer was charged, after `discount_minor`."""

    number: int
    sku: str | None
    category: str
    quantity: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int
    discount_minor: int = 0


class CustomerFact(NamedTuple):
    """The buyer by the number that the other system knows; the rest serves to create one who is new."""

    number: str
    name: str | None = None
    phone: str | None = None
    kind: Literal["person", "company"] = "person"


class VehicleFact(NamedTuple):
    """The vehicle that was sold or served."""

    vin: str
    plate: str | None = None
    model: str | None = None


class SaleFact(NamedTuple):
    """One sale as the other system tells it; `row_hash` names the untouched rows of a file that it was read from."""

    source: str
    number: str
    kind: str
    store: str
    customer: CustomerFact
    occurred: When
    currency: str
    lines: tuple[LineFact, ...]
    vehicle: VehicleFact | None = None
    odometer: int | None = None
    points_paid_minor: int = 0
    delivered: When | None = None
    row_hash: bytes | None = None

    @property
    def net_minor(self) -> int:
        """Return the sum of the lines without tax."""
        lines = self.lines
        return lines[0].net_minor if len(lines) == 1 else sum([line.net_minor for line in lines])

    @property
    def gross_minor(self) -> int:
        """Return the sum that the buyer was charged."""
        lines = self.lines
        return lines[0].gross_minor if len(lines) == 1 else sum([line.gross_minor for line in lines])


@dataclass(frozen=True, slots=True)
class RefundLineFact:
    """How much of a line goes back: a quantity, or an amount in gross minor units; never both."""

    number: int
    quantity: Decimal | None = None
    gross_minor: int | None = None


@dataclass(frozen=True, slots=True)
class RefundFact:
    """A refund as the other system tells it; `store` None is the store of the sale, no `lines` is all that is left."""

    source: str
    sale_number: str
    number: str
    occurred: When
    currency: str | None = None
    lines: tuple[RefundLineFact, ...] = ()
    store: str | None = None
    dealer_fault: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """When the vehicle of a sale was handed over, told apart from the sale; None when it was not, after all."""

    source: str
    sale_number: str
    delivered: When | None


def sale_hash(fact: SaleFact, occurred_at: datetime, delivered_at: datetime | None) -> bytes:
    """Return 16 bytes that are equal exactly for sales of equal content, however they were written down.

    The buyer's name and phone and the plate belong to the customer and the vehicle, not to the sale.
    """
    lines = [
        (
            line.number,
            line.sku,
            line.category,
            "1" if line.quantity == ONE else str(line.quantity.normalize()),
            line.net_minor,
            line.tax_minor,
            line.gross_minor,
            line.discount_minor,
        )
        for line in sorted(fact.lines, key=lambda line: line.number)
    ]
    vin = None if fact.vehicle is None else fact.vehicle.vin
    content = (
        fact.kind,
        fact.store,
        fact.customer.number,
        vin,
        occurred_at.timestamp(),
        fact.currency,
        fact.odometer,
        fact.points_paid_minor,
        None if delivered_at is None else delivered_at.timestamp(),
        lines,
    )
    return blake2b(repr(content).encode(), digest_size=16).digest()


def refund_hash(fact: RefundFact, occurred_at: datetime) -> bytes:
    """Return 16 bytes that are equal exactly for refunds of equal content."""
    lines = [
        (line.number, None if line.quantity is None else str(line.quantity.normalize()), line.gross_minor)
        for line in sorted(fact.lines, key=lambda line: line.number)
    ]
    content = (
        fact.source,
        fact.sale_number,
        occurred_at.timestamp(),
        fact.currency,
        fact.store,
        fact.dealer_fault,
        lines,
    )
    return blake2b(repr(content).encode(), digest_size=16).digest()
