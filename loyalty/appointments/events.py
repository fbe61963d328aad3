"""What appointments announce, in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AppointmentMade:
    """A customer will come to a store."""

    appointment_id: int
    customer_id: int
    store_id: int
    vehicle_id: int | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentMoved:
    """The customer will come at another time."""

    appointment_id: int
    customer_id: int
    store_id: int
    before: datetime
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentCancelled:
    """The customer will not come."""

    appointment_id: int
    customer_id: int
    store_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentKept:
    """The customer came, and the work is done."""

    appointment_id: int
    customer_id: int
    store_id: int
    vehicle_id: int | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentMissed:
    """The customer did not come."""

    appointment_id: int
    customer_id: int
    store_id: int
    vehicle_id: int | None
    starts_at: datetime
