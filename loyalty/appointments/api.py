"""Appointments, for programs: what is offered, what is agreed on, and what became of it."""

from collections.abc import Callable
from typing import Any

from flask import request

from loyalty.appointments import queries, service
from loyalty.appointments.queries import READ, WORK, Filter
from loyalty.appointments.queries import AppointmentView as Appointment
from loyalty.appointments.rules import Draft, State
from loyalty.appointments.schemas import (
    AppointmentAnswer,
    AppointmentBody,
    AppointmentList,
    AppointmentsQuery,
    MoveBody,
    SlotList,
    SlotsQuery,
    StepBody,
)
from loyalty.customers.queries import customer, ids_by_number, vehicles_of
from loyalty.customers.rules import CustomerNotFound, customer_number
from loyalty.kernel.actor import Scope
from loyalty.kernel.errors import Malformed
from loyalty.kernel.paging import page_size
from loyalty.staff.queries import store_by_code
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "appointments_api",
    __name__,
    description="Cars that are to come to a store: times, places, and what became of them.",
)


@operations.get("/appointments")
@guard(READ)
@operations.arguments(AppointmentsQuery, location="query")
@operations.response(200, AppointmentList)
def list_appointments(asked: dict[str, Any]) -> dict[str, Any]:
    """List appointments by time."""
    scope = current_actor().scope(READ)
    wanted = Filter(
        since=asked["since"],
        until=asked["until"],
        store_id=None if asked["store"] is None else store_by_code(asked["store"], scope).id,
        customer_id=None if asked["customer"] is None else _customer(asked["customer"], scope),
        state=asked["state"],
    )
    page = queries.page(wanted, scope, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    return {"items": [_json(one) for one in page.items], "next_cursor": page.next_cursor}


@operations.get("/appointments/slots")
@guard(READ)
@operations.arguments(SlotsQuery, location="query")
@operations.response(200, SlotList)
def list_slots(asked: dict[str, Any]) -> dict[str, Any]:
    """List the times of a store on a day, full and past ones too."""
    store = store_by_code(asked["store"], current_actor().scope(READ))
    found = queries.offered(store.id, asked["day"], asked["day"])[asked["day"]]
    return {
        "items": [
            {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(), "left": one.left}
            for one in found
        ]
    }


@operations.post("/appointments")
@guard(WORK)
@operations.takes_key
@operations.arguments(AppointmentBody)
@operations.response(201, AppointmentAnswer)
def make(asked: dict[str, Any]) -> dict[str, Any]:
    """Make an appointment, confirmed at once; refused for a time that is not offered or whose places are taken."""
    actor = current_actor()
    store = store_by_code(asked["store"], actor.scope(WORK))
    who = _customer(asked["customer"], actor.scope(WORK))
    about = (asked["starts_at"], asked["topic"], asked["key"])
    draft = Draft(who, store.id, *about, _vehicle(who, asked["vehicle"]), asked["note"])
    return _once("make", 0, lambda: service.make(draft, now=request_now(), by=actor))


@operations.get("/appointments/<int:appointment_id>")
@guard(READ)
@operations.response(200, AppointmentAnswer)
def read_appointment(appointment_id: int) -> dict[str, Any]:
    """Read an appointment."""
    return {"appointment": _json(queries.appointment(appointment_id, current_actor().scope(READ)))}


@operations.post("/appointments/<int:appointment_id>:move")
@guard(WORK)
@operations.takes_key
@operations.arguments(MoveBody)
@operations.response(200, AppointmentAnswer)
def move(asked: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Move an appointment to another time of its store; refused as making one is."""
    return _once("move", appointment_id, lambda: service.move(appointment_id, asked["starts_at"], **_how()))


@operations.post("/appointments/<int:appointment_id>:cancel")
@guard(WORK)
@operations.takes_key
@operations.response(200, AppointmentAnswer)
def cancel(appointment_id: int) -> dict[str, Any]:
    """Cancel an appointment; its place is free again."""
    return _once("cancel", appointment_id, lambda: service.cancel(appointment_id, **_how()))


@operations.post("/appointments/<int:appointment_id>:step")
@guard(WORK)
@operations.takes_key
@operations.arguments(StepBody)
@operations.response(200, AppointmentAnswer)
def step(asked: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Confirm an appointment, take the car in, or mark it as kept or missed; refused where its state does not fit."""
    to = State(asked["to"])
    return _once("step", appointment_id, lambda: service.advance(appointment_id, to, seen=asked["seen"], **_how()))


def _customer(number: str, scope: Scope) -> int:
    found = ids_by_number([number]).get(number)
    if found is None:
        raise CustomerNotFound(customer=number)
    return customer(found, scope).id


def _vehicle(customer_id: int, vin: str | None) -> int | None:
    if vin is None:
        return None
    held = next((one.vehicle.id for one in vehicles_of(customer_id) if one.vehicle.vin == vin), None)
    if held is None:
        raise Malformed({"vehicle": ["Choose one of the customer's vehicles."]})
    return held


def _how() -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(WORK), "now": request_now(), "by": actor}


def _once(act: str, appointment_id: int, work: Callable[[], Appointment]) -> dict[str, Any]:
    body = request.get_json(silent=True)
    return answer_once(f"appointments.{act}:{appointment_id}", body, lambda: {"appointment": _json(work())})


def _json(one: Appointment) -> dict[str, Any]:
    return {
        "id": one.id,
        "customer": customer_number(one.customer_id),
        "vehicle": None if one.vehicle is None else one.vehicle.vin,
        "store": one.store_code,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "topic": one.topic,
        "note": one.note,
        "state": one.state,
        "seq": one.seq,
    }
