"""The tables of customers, vehicles and the timeline; of households, merges and erasures."""

from loyalty.customers.models.cars import OdometerReading, Ownership, Vehicle
from loyalty.customers.models.households import Household, HouseholdPerson
from loyalty.customers.models.merges import Merge, MergePart
from loyalty.customers.models.people import (
    ConsentEvent,
    Customer,
    ExternalNumber,
    Identifier,
    SearchKey,
    TimelineRow,
)
from loyalty.customers.models.rights import ErasureRequest, Tombstone

__all__ = [
    "ConsentEvent",
    "Customer",
    "ErasureRequest",
    "ExternalNumber",
    "Household",
    "HouseholdPerson",
    "Identifier",
    "Merge",
    "MergePart",
    "OdometerReading",
    "Ownership",
    "SearchKey",
    "TimelineRow",
    "Tombstone",
    "Vehicle",
]
