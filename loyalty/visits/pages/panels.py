"""What pages of customers and vehicles show of the follow-up."""

from datetime import datetime

from flask_babel import gettext as _

from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.messaging.words import STATES as MESSAGE_STATES
from loyalty.visits import queries, service
from loyalty.visits.queries import READ, WORK
from loyalty.visits.rules import in_question, law_of
from loyalty.visits.words import EXCEPTIONS, PLAN_STATES, STEP_STATES, STEP_TONES, TONES, TRIGGERS
from loyalty.web.panels import Panel
from loyalty.web.requests import request_now

MOST = 3
ZONE = "Asia/Shanghai"


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return the latest plans of a customer in the actor's stores, with what became of their messages."""
    del now
    if not actor.may(READ):
        return []
    found = queries.plans_page(actor.scope(READ), state=None, customer_id=customer_id, limit=MOST).items
    about = {
        "plans": found,
        "plan_states": PLAN_STATES,
        "tones": TONES,
        "step_states": STEP_STATES,
        "step_tones": STEP_TONES,
        "triggers": TRIGGERS,
        "message_states": MESSAGE_STATES,
    }
    return [Panel("right", "visits/panel_customer.html", about, order=20)] if found else []


def vehicle_panels(*, vehicle_id: int, actor: Actor) -> list[Panel]:
    """Return when a vehicle has to be inspected next, why, and where to write down what was found out."""
    known = queries.car_of(vehicle_id) if actor.may(READ) else None
    if known is None:
        return []
    coming = service.coming_inspection(known.car, day_at(request_now(), ZONE))
    car = known.car
    values = {"official_day": car.official_day or "", "exceptions": car.exceptions or ""}
    about = {
        "vehicle_id": vehicle_id,
        "known": known,
        "coming": coming,
        "why_none": _why_none(known),
        "works": actor.may(WORK),
        "values": values,
        "exceptions": list(EXCEPTIONS.items()),
    }
    return [Panel("left", "visits/panel_vehicle.html", about, order=30)]


def _why_none(known: queries.CarView) -> str:
    if known.car.official_day is None and known.car.registered_day is None:
        return str(_("Not known: enter when the vehicle was first registered, or the official last day."))
    if law_of(known.car) is None or in_question(known.car):
        return str(_("Only the official date counts here. Look it up with the traffic police and enter it."))
    return str(_("None within a year, as far as the rules tell."))
