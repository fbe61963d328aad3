"""What other features and faces tell about customers, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple


class Buyer(NamedTuple):
    """A customer as the core sales system names it; `name` and `phone` None when it does not tell."""

    source: str
    number: str
    name: str | None = None
    phone: str | None = None
    kind: str = "person"
    home_store_id: int | None = None


class VehicleSeen(NamedTuple):
    """A vehicle that was sold to a customer (`sold`) or brought by one, who then is at least its driver."""

    vin: str
    customer_id: int
    seen_at: datetime
    seen_day: date
    plate: str | None = None
    model: str | None = None
    sold: bool = False


@dataclass(frozen=True, slots=True)
class ReadingSeen:
    """The mileage of a vehicle, in whole km, on the day of a visit; with a `reason` it may run against earlier ones."""

    vehicle_id: int
    km: int
    read_at: datetime
    read_day: date
    source: str
    reason: str | None = None


class TimelineEntry(NamedTuple):
    """Something that happened to a customer.

    `sentence` is an English msgid with {placeholders} for `numbers` (whole numbers, texts, days, moments as ISO text,
    or {"minor", "currency"}); `kind` is one of `TIMELINE_KINDS` or a new short word.
    """

    customer_id: int
    at: datetime
    kind: str
    sentence: str
    numbers: Mapping[str, Any] = MappingProxyType({})
    by: str = ""
    source_kind: str | None = None
    source_id: int | None = None


TIMELINE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "contact": ("note", "call", "task", "message"),
    "visit": ("sale", "visit", "service", "refund", "correction", "delivery"),
    "points": ("points", "redeem", "tier", "member"),
    "record": ("customer", "vehicle", "consent", "reading"),
}
"""The chips above a timeline, and the kinds each of them shows."""

TIMELINE_KINDS = tuple(kind for kinds in TIMELINE_GROUPS.values() for kind in kinds)


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """A customer as staff or a client writes it down; identifiers are pairs of kind and text as typed."""

    name: str | None
    kind: str = "person"
    gender: str | None = None
    birthday: date | None = None
    lunar: bool = False
    language: str = "zh_Hans_CN"
    home_store_id: int | None = None
    advisor_id: int | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    source: str | None = None
    external_number: str | None = None


@dataclass(frozen=True, slots=True)
class VehicleDraft:
    """A vehicle as staff or a client writes it down."""

    vin: str
    plate: str | None = None
    model: str | None = None
    vehicle_class: str = "passenger"
    use: str = "household"
    energy: str | None = None
    made_day: date | None = None
    registered_day: date | None = None
    invoiced_day: date | None = None
    delivered_day: date | None = None
