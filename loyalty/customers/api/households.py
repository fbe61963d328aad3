"""Households, and drivers and payers of vehicles, for programs."""

from typing import Any

from loyalty.customers import queries, service
from loyalty.customers.api.people import customer_id_of, operations
from loyalty.customers.api.vehicles import operations as vehicles
from loyalty.customers.api.vehicles import vehicle_json
from loyalty.customers.rules import NotInHousehold, normal_vin
from loyalty.customers.schemas import (
    HolderSchema,
    HouseholdSchema,
    LeavingSchema,
    NewHouseholdSchema,
    NewPersonSchema,
    VehicleSchema,
)
from loyalty.kernel.actor import Scope
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now


@operations.get("/<number>/household")
@guard("customers.read")
@operations.response(200, HouseholdSchema)
def show_household(number: str) -> dict[str, Any]:
    """Return the household that a customer is in now, with its people and cars."""
    scope = current_actor().scope("customers.read")
    return _household_json(customer_id_of(number, scope), scope)


@operations.put("/<number>/household")
@guard("customers.edit")
@operations.arguments(NewHouseholdSchema)
@operations.response(200, HouseholdSchema)
def start_household(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Begin a household with this customer as its first person; who is in one already is refused."""
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()
    customer_id = customer_id_of(number, scope)
    service.start_household(customer_id, asked["name"], day=asked["since"], scope=scope, now=now, by=actor)
    return _household_json(customer_id, scope)


@operations.post("/<number>/household/people")
@guard("customers.edit")
@operations.arguments(NewPersonSchema)
@operations.response(201, HouseholdSchema)
def join_household(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Take another customer into this one's household; who is in one already is refused."""
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()
    customer_id, other_id = customer_id_of(number, scope), customer_id_of(asked["customer"], scope)
    household_id = _household_id(customer_id, number)
    service.join_household(household_id, other_id, day=asked["since"], scope=scope, now=now, by=actor)
    return _household_json(customer_id, scope)


@operations.post("/<number>/household/leave")
@guard("customers.edit")
@operations.arguments(LeavingSchema)
@operations.response(200, LeavingSchema)
def leave_household(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Let a customer leave the household on a day: the first on which it is no longer so."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    customer_id = customer_id_of(number, scope)
    service.leave_household(customer_id, day=asked["day"], scope=scope, now=request_now(), by=actor)
    return asked


@vehicles.post("/<vin>/holders")
@guard("customers.edit")
@vehicles.arguments(HolderSchema)
@vehicles.response(201, VehicleSchema)
def add_holder(asked: dict[str, Any], vin: str) -> dict[str, Any]:
    """Let a customer be a driver or payer of a vehicle from a day on; who holds it already is refused."""
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()
    vehicle_id = queries.vehicle_id_by_vin(normal_vin(vin), scope)
    holder_id = customer_id_of(asked["customer"], scope)
    service.add_holder(vehicle_id, holder_id, asked["role"], day=asked["since"], scope=scope, now=now, by=actor)
    return vehicle_json(vehicle_id, scope)


@vehicles.post("/<vin>/holders/<number>/end")
@guard("customers.edit")
@vehicles.arguments(LeavingSchema)
@vehicles.response(200, VehicleSchema)
def end_holder(asked: dict[str, Any], vin: str, number: str) -> dict[str, Any]:
    """Let a driver or payer be so no longer from a day on; a main owner is changed instead."""
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()
    vehicle_id = queries.vehicle_id_by_vin(normal_vin(vin), scope)
    service.end_holder(vehicle_id, customer_id_of(number, scope), day=asked["day"], scope=scope, now=now, by=actor)
    return vehicle_json(vehicle_id, scope)


def _household_id(customer_id: int, number: str) -> int:
    known = queries.household_of(customer_id)
    if known is None:
        raise NotInHousehold(number=number)
    return known[0]


def _household_json(customer_id: int, scope: Scope) -> dict[str, Any]:
    found = queries.household(_household_id(customer_id, str(customer_id)), scope)
    return {
        "name": found.name,
        "people": [
            {"customer": one.customer.number, "since": one.from_day, "until": one.until_day} for one in found.people
        ],
        "cars": [{"vin": one.vehicle.vin, "customer": one.holder.number, "role": one.role} for one in found.cars],
    }
