"""Changes to customers, their vehicles and what is remembered of them."""

from loyalty.customers.rules import Buyer, ReadingSeen, TimelineEntry, VehicleSeen
from loyalty.customers.service.buyers import ensure_customers
from loyalty.customers.service.closing import close_account
from loyalty.customers.service.consents import record_consents
from loyalty.customers.service.copying import copy_everything
from loyalty.customers.service.erasing import Erased, erase, request_erasure, withdraw_erasure
from loyalty.customers.service.garage import add_reading, add_vehicle, change_owner, change_vehicle, correct_reading
from loyalty.customers.service.households import (
    add_holder,
    end_holder,
    join_household,
    leave_household,
    start_household,
)
from loyalty.customers.service.indexing import renew_identifiers, renew_plates
from loyalty.customers.service.merging import (
    Merged,
    carry_back,
    carry_over,
    keep_part,
    merge_customers,
    part_customers,
)
from loyalty.customers.service.people import (
    Created,
    add_identifier,
    change_customer,
    create_customer,
    remove_identifier,
    reveal_identifier,
)
from loyalty.customers.service.readings import withdraw_readings
from loyalty.customers.service.timeline import add_note, timeline_part, write_timeline
from loyalty.customers.service.vehicles import ensure_vehicles, record_readings

__all__ = [
    "Buyer",
    "Created",
    "Erased",
    "Merged",
    "ReadingSeen",
    "TimelineEntry",
    "VehicleSeen",
    "add_holder",
    "add_identifier",
    "add_note",
    "add_reading",
    "add_vehicle",
    "carry_back",
    "carry_over",
    "change_customer",
    "change_owner",
    "change_vehicle",
    "close_account",
    "copy_everything",
    "correct_reading",
    "create_customer",
    "end_holder",
    "ensure_customers",
    "ensure_vehicles",
    "erase",
    "join_household",
    "keep_part",
    "leave_household",
    "merge_customers",
    "part_customers",
    "record_consents",
    "record_readings",
    "remove_identifier",
    "renew_identifiers",
    "renew_plates",
    "request_erasure",
    "reveal_identifier",
    "start_household",
    "timeline_part",
    "withdraw_erasure",
    "withdraw_readings",
    "write_timeline",
]
