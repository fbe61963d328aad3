"""What staff do about appointments: see the day, confirm, move, take in, and mark as kept or missed."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.appointments import queries, service
from loyalty.appointments.forms import BookForm, MoveForm, PlacesForm, StepForm, draft_of
from loyalty.appointments.ics import as_ics
from loyalty.appointments.queries import ANY_STATE, READ, WORK, AppointmentView, Filter
from loyalty.appointments.rules import FARTHEST, MOVES, State
from loyalty.appointments.words import ACTS, DONE, STATES, TONES, TOPICS
from loyalty.customers.attempts import attempt
from loyalty.customers.queries import customer, vehicles_of
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import Malformed
from loyalty.staff.queries import StoreView, stores
from loyalty.staff.queries import store as one_store
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.panels import Panel
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

blueprint = Blueprint("appointments", __name__, url_prefix="/staff/appointments", template_folder="templates")

MANAGE = "stores.manage"
AHEAD_SHOWN = timedelta(days=6)


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List the appointments of some days, a week from today unless told otherwise."""
    scope = current_actor().scope(READ)
    there = stores(scope)
    store = next((one for one in there if one.code == request.args.get("store")), None)
    g.zone = (store or there[0]).zone if there else "Asia/Shanghai"
    today = day_at(request_now(), g.zone)
    since = _day("since", today)
    until = max(_day("until", since + AHEAD_SHOWN), since)
    asked = request.args.get("state")
    state = asked if asked in STATES else None
    wanted = Filter(since, until, None if store is None else store.id, state=state)
    page = queries.page(wanted, scope, cursor=request.args.get("cursor"))
    found = {"page": page, "stores": there, "store": store, "since": since, "until": until, "state": state}
    return render_template("appointments/index.html", every=ANY_STATE, **found, **_words())


@blueprint.get("/<int:appointment_id>")
@guard(READ)
def show(appointment_id: int) -> ResponseReturnValue:
    """Show an appointment and what can be done with it."""
    return _page(queries.appointment(appointment_id, current_actor().scope(READ)))


@blueprint.post("/<int:appointment_id>/step")
@guard(WORK)
def step(appointment_id: int) -> ResponseReturnValue:
    """Confirm it, take the car in, or mark it as kept or missed."""
    was = queries.appointment(appointment_id, current_actor().scope(WORK))
    filled = load(StepForm, request.form)
    if not filled.ok:
        return _page(was), 422
    to, seen = State(filled.values["to"]), filled.values["seen"]
    outcome = attempt(lambda: service.advance(was.id, to, seen=seen, **_how()))
    if not outcome.ok:
        return _page(queries.appointment(was.id, current_actor().scope(WORK)), outcome.refusal), outcome.status
    notify(str(DONE[to.value]))
    return redirect(url_for("appointments.show", appointment_id=was.id), 303)


@blueprint.post("/<int:appointment_id>/cancel")
@guard(WORK)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Cancel it for the owner, or for the store."""
    was = queries.appointment(appointment_id, current_actor().scope(WORK))
    outcome = attempt(lambda: service.cancel(was.id, **_how()))
    if not outcome.ok:
        return _page(was, outcome.refusal), outcome.status
    notify(_("The appointment is cancelled."))
    return redirect(url_for("appointments.show", appointment_id=was.id), 303)


@blueprint.get("/<int:appointment_id>/move")
@guard(WORK)
def other_times(appointment_id: int) -> ResponseReturnValue:
    """Show the other times of its store on a day."""
    return _moving(queries.appointment(appointment_id, current_actor().scope(WORK)), empty())


@blueprint.post("/<int:appointment_id>/move")
@guard(WORK)
def move(appointment_id: int) -> ResponseReturnValue:
    """Move it to another time."""
    was = queries.appointment(appointment_id, current_actor().scope(WORK))
    filled = load(MoveForm, request.form)
    if not filled.ok:
        return _moving(was, filled), 422
    starts_at: datetime = filled.values["starts"]
    outcome = attempt(lambda: service.move(was.id, starts_at, **_how()))
    if not outcome.ok:
        return _moving(was, Filled({}, outcome.errors, filled.typed), outcome.refusal), outcome.status
    notify(_("The appointment is moved."))
    return redirect(url_for("appointments.show", appointment_id=was.id), 303)


@blueprint.get("/<int:appointment_id>.ics")
@guard(READ)
def file(appointment_id: int) -> ResponseReturnValue:
    """Send it as a file that calendars read; it names the customer and no phone."""
    one = queries.appointment(appointment_id, current_actor().scope(READ))
    link = url_for("appointments.show", appointment_id=one.id, _external=True)
    title = f"{one.customer.shown_name} {TOPICS[one.topic]}"
    answer = Response(as_ics(one, title, link, request_now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=appointment.ics"
    return answer


@blueprint.get("/new")
@guard(WORK)
def new() -> ResponseReturnValue:
    """Show the form for an appointment that a customer asks for on the phone or at the desk."""
    return _booking(_customer(), empty(key=secrets.token_urlsafe(12)))


@blueprint.post("/new")
@guard(WORK)
def book() -> ResponseReturnValue:
    """Make it; it is confirmed at once, and sent twice it is there once."""
    who = _customer()
    filled = load(BookForm, request.form)
    if not filled.ok:
        return _booking(who, filled), 422
    made: list[AppointmentView] = []
    store = _store(current_actor().scope(WORK))

    def work() -> None:
        if store is None:
            raise Malformed({"store": ["Choose a store."]})
        draft = draft_of(filled.values, who, store.id)
        made.append(service.make(draft, now=request_now(), by=current_actor()))

    outcome = attempt(work)
    if not outcome.ok:
        return _booking(who, Filled({}, outcome.errors, filled.typed), outcome.refusal), outcome.status
    notify(_("The appointment is made."))
    return redirect(url_for("appointments.show", appointment_id=made[0].id), 303)


@blueprint.get("/places/<int:store_id>")
@guard(MANAGE)
def places(store_id: int) -> ResponseReturnValue:
    """Show how many cars the store takes in at once."""
    store = one_store(store_id, current_actor().scope(MANAGE))
    return _places(store.id, empty(places=str(queries.capacity(store.id))))


@blueprint.post("/places/<int:store_id>")
@guard(MANAGE)
def set_places(store_id: int) -> ResponseReturnValue:
    """Change how many cars the store takes in at once."""
    store = one_store(store_id, current_actor().scope(MANAGE))
    filled = load(PlacesForm, request.form)
    if not filled.ok:
        return _places(store.id, filled), 422
    count: int = filled.values["places"]
    outcome = attempt(lambda: service.set_capacity(store.id, count, now=request_now(), by=current_actor()))
    if not outcome.ok:
        return _places(store_id, Filled({}, outcome.errors, filled.typed)), outcome.status
    notify(_("Saved."))
    return redirect(url_for("appointments.index"), 303)


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return what a customer's page shows: what is ahead, and the way to one more."""
    del now
    if not actor.may(READ):
        return []
    found = [one for one in queries.of_customer(customer_id, actor.scope(READ)) if one.is_ahead]
    about = {"appointments": found, "customer_id": customer_id, "may_book": actor.may(WORK), **_words()}
    return [Panel("right", "appointments/panel_customer.html", about, order=12)]


def _page(one: AppointmentView, refusal: str | None = None) -> str:
    g.zone = one.zone
    actor = current_actor()
    works = actor.may(WORK) and actor.scope(WORK).covers(one.store_id)
    steps = [(to, ACTS[to]) for to in ACTS if State(to) in MOVES[State(one.state)]]
    steps = [(to, words) for to, words in steps if to != State.MISSED or one.starts_at <= request_now()]
    about = {"one": one, "refusal": refusal, "works": works, "steps": steps}
    return render_template("appointments/show.html", **about, **_words())


def _moving(one: AppointmentView, filled: Filled, refusal: str | None = None) -> str:
    g.zone = one.zone
    about = {"one": one, "filled": filled, "refusal": refusal, **_times(one.store_id, one.zone)}
    return render_template("appointments/move.html", **about, **_words())


def _booking(customer_id: int, filled: Filled, refusal: str | None = None) -> str:
    scope = current_actor().scope(WORK)
    store = _store(scope)
    cars = [held.vehicle for held in vehicles_of(customer_id)]
    times = _times(store.id, store.zone) if store is not None else {"day": None, "slots": []}
    who = customer(customer_id, current_actor().scope("customers.read"))
    about = {"who": who, "stores": stores(scope), "store": store, "cars": cars, "filled": filled, "refusal": refusal}
    return render_template("appointments/new.html", **about, **times, **_words())


def _places(store_id: int, filled: Filled) -> str:
    store = one_store(store_id, current_actor().scope(MANAGE))
    return render_template("appointments/places.html", store=store, filled=filled)


def _customer() -> int:
    who = row_number(request.values.get("customer", "")) or 0
    return customer(who, current_actor().scope("customers.read")).id


def _store(scope: Scope) -> StoreView | None:
    there = stores(scope)
    asked = row_number(request.values.get("store", ""))
    return next((one for one in there if one.id == asked), there[0] if there else None)


def _times(store_id: int, zone: str) -> dict[str, Any]:
    now = request_now()
    g.zone = zone
    today = day_at(now, zone)
    day = min(max(_day("day", today), today), day_at(now + FARTHEST, zone))
    slots = [slot for slot in queries.offered(store_id, day, day)[day] if slot.starts_at > now]
    return {"day": day, "slots": slots, "first": today, "last": day_at(now + FARTHEST, zone)}


def _day(name: str, usual: date) -> date:
    try:
        found = parse_day(request.values[name]) if request.values.get(name) else usual
    except Malformed:
        found = usual
    return min(max(found, date(2000, 1, 1)), date(2098, 12, 31))


def _how() -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(WORK), "now": request_now(), "by": actor}


def _words() -> dict[str, Any]:
    return {"states": STATES, "tones": TONES, "topics": TOPICS}
