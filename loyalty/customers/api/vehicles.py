"""Vehicles for programs."""

from typing import Any

from loyalty.customers import queries, service
from loyalty.customers.api.people import customer_id_of
from loyalty.customers.rules import VehicleDraft, normal_vin, vin_checks
from loyalty.customers.schemas import (
    NewVehicleSchema,
    OwnerSchema,
    ReadingSchema,
    ReadingsSchema,
    VehicleChangeSchema,
    VehicleSchema,
)
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import day_at
from loyalty.web.api import ApiBlueprint
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

ZONE = "Asia/Shanghai"

operations = ApiBlueprint(
    "vehicles",
    __name__,
    url_prefix="/vehicles",
    description="Vehicles, who held them when, and their mileage",
)


def vehicle_json(vehicle_id: int, scope: Scope) -> dict[str, Any]:
    """Return a vehicle as the API writes it; holders outside `scope` are left out."""
    found = queries.vehicle(vehicle_id, scope)
    held = queries.holdings(vehicle_id)
    seen = queries.customers_by_ids([one.customer.id for one in held], scope)
    plain = {name: getattr(found, name) for name in VehicleChangeSchema().fields}
    holders = [
        {"customer": one.customer.number, "role": one.role, "since": one.from_day, "until": one.until_day}
        for one in held
        if one.customer.id in seen
    ]
    return {**plain, "vin": found.vin, "check_digit_fits": vin_checks(found.vin), "holders": holders}


@operations.post("")
@guard("customers.edit")
@operations.arguments(NewVehicleSchema)
@operations.response(201, VehicleSchema)
def create_vehicle(asked: dict[str, Any]) -> dict[str, Any]:
    """Create a vehicle with its main owner; a VIN that is there already is refused."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    owner = customer_id_of(asked.pop("owner"), scope)
    day = asked.pop("since", None) or day_at(request_now(), ZONE)
    draft = VehicleDraft(**asked)
    vehicle_id = service.add_vehicle(owner, draft, day=day, scope=scope, now=request_now(), by=actor)
    return vehicle_json(vehicle_id, scope)


@operations.get("/<vin>")
@guard("customers.read")
@operations.response(200, VehicleSchema)
def show_vehicle(vin: str) -> dict[str, Any]:
    """Return a vehicle by its VIN."""
    scope = current_actor().scope("customers.read")
    return vehicle_json(queries.vehicle_id_by_vin(normal_vin(vin), scope), scope)


@operations.patch("/<vin>")
@guard("customers.edit")
@operations.arguments(VehicleChangeSchema)
@operations.response(200, VehicleSchema)
def change_vehicle(asked: dict[str, Any], vin: str) -> dict[str, Any]:
    """Change the fields that are given."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    vehicle_id = queries.vehicle_id_by_vin(normal_vin(vin), scope)
    service.change_vehicle(vehicle_id, asked, scope=scope, now=request_now(), by=actor)
    return vehicle_json(vehicle_id, scope)


@operations.put("/<vin>/owner")
@guard("customers.edit")
@operations.arguments(OwnerSchema)
@operations.response(200, VehicleSchema)
def change_owner(asked: dict[str, Any], vin: str) -> dict[str, Any]:
    """Give a vehicle to its next main owner; the one before ends on that day."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    vehicle_id = queries.vehicle_id_by_vin(normal_vin(vin), scope)
    owner = customer_id_of(asked["owner"], scope)
    service.change_owner(vehicle_id, owner, day=asked["since"], scope=scope, now=request_now(), by=actor)
    return vehicle_json(vehicle_id, scope)


@operations.get("/<vin>/readings")
@guard("customers.read")
@operations.response(200, ReadingsSchema)
def list_readings(vin: str) -> dict[str, Any]:
    """Return the last 50 readings of the mileage."""
    scope = current_actor().scope("customers.read")
    return {"items": _readings(queries.vehicle_id_by_vin(normal_vin(vin), scope))}


@operations.post("/<vin>/readings")
@guard("customers.edit")
@operations.arguments(ReadingSchema)
@operations.response(201, ReadingsSchema)
def add_reading(asked: dict[str, Any], vin: str) -> dict[str, Any]:
    """Write down a mileage; backward only with a reason."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    vehicle_id = queries.vehicle_id_by_vin(normal_vin(vin), scope)
    known = {"day": asked["day"], "scope": scope, "now": request_now(), "by": actor}
    if "reason" in asked:
        service.correct_reading(vehicle_id, asked["km"], reason=asked["reason"], **known)
    else:
        service.add_reading(vehicle_id, asked["km"], zone=ZONE, **known)
    return {"items": _readings(vehicle_id)}


def _readings(vehicle_id: int) -> list[dict[str, Any]]:
    return [{"km": one.km, "day": one.read_day, "reason": one.reason} for one in queries.readings(vehicle_id)]
