"""Appointments: each belongs to a store and to a customer. Who comes first moves or ends it, others are told so."""

from tests.walls.row import DONE, OWNER, read, write

FIRST = DONE | {409}
TYPED = FIRST | {422}
LATER = {"starts": "2026-03-17T01:00:00+00:00"}
SAID = {"starts_at": "2026-03-17T02:00:00+00:00"}


def booked(target):
    """Make an appointment for the customer."""
    return {"customer": str(target["customer_id"]), "topic": "repair", "key": "walls-2", **LATER}


def made(target):
    """Make one, as programs do."""
    return {"customer": target["number"], "store": target["code"], "topic": "repair", "key": "walls-3", **SAID}


ROWS = {
    "GET /staff/appointments": read("appointments.read", lists="appointments"),
    "GET /staff/appointments/<int:appointment_id>": read("appointments.read", "appointment"),
    "GET /staff/appointments/<int:appointment_id>.ics": read("appointments.read", "appointment"),
    "GET /staff/appointments/<int:appointment_id>/move": read("appointments.work", "appointment"),
    "POST /staff/appointments/<int:appointment_id>/move": write(
        "appointments.work", "appointment", sends=LATER, own=FIRST
    ),
    "POST /staff/appointments/<int:appointment_id>/step": write(
        "appointments.work", "appointment", sends={"to": "arrived"}, own=FIRST
    ),
    "POST /staff/appointments/<int:appointment_id>/cancel": write("appointments.work", "appointment", own=FIRST),
    "GET /staff/appointments/new": read(
        "appointments.work", "visitor", query="customer=<int:customer_id>", also="customers.read"
    ),
    "POST /staff/appointments/new": write(
        "appointments.work", "visitor", sends=booked, own=FIRST, also="customers.read"
    ),
    "GET /staff/appointments/places/<int:store_id>": read("stores.manage", "store"),
    "POST /staff/appointments/places/<int:store_id>": write("stores.manage", "store", sends={"places": "3"}),
    "GET /my/appointments": read(OWNER),
    "GET /my/appointments/new": read(OWNER),
    "POST /my/appointments/new": write(OWNER, own=TYPED, sends={"topic": "repair", "key": "walls-1", **LATER}),
    "GET /my/appointments/<int:appointment_id>": read(OWNER, "appointment"),
    "GET /my/appointments/<int:appointment_id>.ics": read(OWNER, "appointment"),
    "GET /my/appointments/<int:appointment_id>/move": read(OWNER, "appointment"),
    "POST /my/appointments/<int:appointment_id>/move": write(OWNER, "appointment", sends=LATER, own=FIRST),
    "POST /my/appointments/<int:appointment_id>/cancel": write(OWNER, "appointment", own=FIRST),
    "GET /api/v1/appointments": read("appointments.read", lists="customer numbers"),
    "GET /api/v1/appointments/slots": read("appointments.read", "store", query="store=<code>&day=2026-03-17"),
    "POST /api/v1/appointments": write("appointments.work", "visitor", sends=made, own=FIRST),
    "GET /api/v1/appointments/<int:appointment_id>": read("appointments.read", "appointment"),
    "POST /api/v1/appointments/<int:appointment_id>:move": write(
        "appointments.work", "appointment", sends=SAID, own=FIRST
    ),
    "POST /api/v1/appointments/<int:appointment_id>:cancel": write("appointments.work", "appointment", own=FIRST),
    "POST /api/v1/appointments/<int:appointment_id>:step": write(
        "appointments.work", "appointment", sends={"to": "arrived"}, own=FIRST
    ),
}
