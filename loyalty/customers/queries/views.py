"""What readers of customers get: frozen values, personal fields masked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loyalty.customers.rules import VERSIONED, customer_number, data_version, new_energy, shown_plate


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer as lists and upper features show it; `name` is None when nobody has told it yet."""

    id: int
    name: str | None
    kind: str
    gender: str | None
    state: str
    home_store_id: int | None

    @property
    def number(self) -> str:
        """The customer's number."""
        return customer_number(self.id)

    @property
    def shown_name(self) -> str:
        """The name, or the number of a customer without one."""
        return self.name or self.number


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """A phone, e-mail address, openid or card, masked."""

    id: int
    kind: str
    masked: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that a search or a list found; `phone` masked and `plates` as on the vehicles."""

    customer: CustomerView
    phone: str | None
    plates: tuple[str, ...]
    store_name: str | None


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found; `more` when there are others that are not listed."""

    customers: list[Hit]
    vehicles: list["VehicleHit"]
    more: bool


@dataclass(frozen=True, slots=True)
class Card:
    """All that the customer itself holds, for the first page about it."""

    customer: CustomerView
    birthday: date | None
    lunar: bool
    language: str
    store_name: str | None
    advisor_id: int | None
    advisor_name: str | None
    created_at: datetime
    identifiers: tuple[IdentifierView, ...]
    external_numbers: tuple[tuple[str, str], ...]

    @property
    def version(self) -> str:
        """What a change says it was made on, so that it is not written over somebody else's."""
        own = [getattr(self if hasattr(self, name) else self.customer, name) for name in VERSIONED]
        return data_version(own)


@dataclass(frozen=True, slots=True)
class VehicleView:
    """A vehicle; `plate` in its stored form, None when unknown."""

    id: int
    vin: str
    plate: str | None
    model: str | None
    vehicle_class: str
    use: str
    energy: str | None
    made_day: date | None
    registered_day: date | None
    invoiced_day: date | None
    delivered_day: date | None

    @property
    def shown_plate(self) -> str | None:
        """The plate as it stands on the vehicle."""
        return shown_plate(self.plate) if self.plate else None

    @property
    def green(self) -> bool:
        """Whether the plate is one of new energy."""
        return bool(self.plate) and new_energy(self.plate or "")


@dataclass(frozen=True, slots=True)
class HeldVehicle:
    """A vehicle of a customer, in which role and since when, with its last mileage."""

    vehicle: VehicleView
    role: str
    from_day: date
    until_day: date | None
    km: int | None
    km_day: date | None


@dataclass(frozen=True, slots=True)
class VehicleHit:
    """A vehicle in a list, with its main owner."""

    vehicle: VehicleView
    owner: CustomerView | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds or held a vehicle; `until_day` is the first day on which it is no longer so."""

    id: int
    customer: CustomerView
    role: str
    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A mileage; `reason` when it corrects what was read before."""

    id: int
    km: int
    read_at: datetime
    read_day: date
    source: str
    reason: str | None
    by_name: str


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One row of the timeline; the sentence is to be translated and filled in."""

    id: int
    at: datetime
    kind: str
    sentence: str
    numbers: dict[str, Any]
    by_name: str
    source_kind: str | None = None
    source_id: int | None = None
