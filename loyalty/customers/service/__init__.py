"""Changes to customers, their vehicles and what is remembered of them."""

from loyalty.customers.rules import Buyer, ReadingSeen, TimelineEntry, VehicleSeen
from loyalty.customers.service.buyers import ensure_customers
from loyalty.customers.service.timeline import add_note, write_timeline
from loyalty.customers.service.vehicles import ensure_vehicles, record_readings

__all__ = [
    "Buyer",
    "ReadingSeen",
    "TimelineEntry",
    "VehicleSeen",
    "add_note",
    "ensure_customers",
    "ensure_vehicles",
    "record_readings",
    "write_timeline",
]
