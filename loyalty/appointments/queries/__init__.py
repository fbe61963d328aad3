"""Appointments as pages, programs, calendars and jobs read them."""

from loyalty.appointments.queries.diary import (
    ANY_STATE,
    AppointmentView,
    Filter,
    ahead_of,
    appointment,
    between,
    by_key,
    lock,
    of_customer,
    open_of,
    own_appointments,
    page,
)
from loyalty.appointments.queries.offers import capacity, offered, zone_of_store

READ = "appointments.read"
WORK = "appointments.work"

__all__ = [
    "ANY_STATE",
    "READ",
    "WORK",
    "AppointmentView",
    "Filter",
    "ahead_of",
    "appointment",
    "between",
    "by_key",
    "capacity",
    "lock",
    "of_customer",
    "offered",
    "open_of",
    "own_appointments",
    "page",
    "zone_of_store",
]
