"""What owners do about appointments: /my/appointments, see, ask, move, cancel, and put into their calendar."""

import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.appointments import queries, service
from loyalty.appointments.forms import BookForm, MoveForm, draft_of
from loyalty.appointments.ics import as_ics
from loyalty.appointments.queries import AppointmentView
from loyalty.appointments.rules import FARTHEST, SOONEST, Slot, in_time
from loyalty.appointments.words import STATES, TONES, TOPICS
from loyalty.customers.attempts import attempt
from loyalty.customers.queries import customer, vehicles_of
from loyalty.kernel.actor import EVERYTHING, Scope
from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import Malformed
from loyalty.staff.queries import StoreView, stores
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import owner_only
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

blueprint = Blueprint("my_appointments", __name__, url_prefix="/my/appointments", template_folder="templates")


@blueprint.get("")
@owner_only
def index() -> ResponseReturnValue:
    """Show what is ahead, and what was."""
    found = queries.of_customer(_me(), _own())
    ahead = sorted((one for one in found if one.is_ahead), key=lambda one: one.starts_at)
    past = [one for one in found if not one.is_ahead]
    return render_template("appointments/portal/index.html", ahead=ahead, past=past, **_words())


@blueprint.get("/new")
@owner_only
def new() -> ResponseReturnValue:
    """Show the times of a store on a day."""
    return _booking(empty(key=secrets.token_urlsafe(12), vehicle=request.args.get("vehicle", "")))


@blueprint.post("/new")
@owner_only
def book() -> ResponseReturnValue:
    """Ask for an appointment; sent twice, it is there once."""
    filled = load(BookForm, request.form)
    if not filled.ok:
        return _booking(filled), 422
    made: list[AppointmentView] = []
    store = _store()

    def work() -> None:
        if store is None:
            raise Malformed({"store": ["Choose a store."]})
        draft = draft_of(filled.values, _me(), store.id)
        made.append(service.make(draft, now=request_now(), by=current_actor()))

    outcome = attempt(work)
    if not outcome.ok:
        return _booking(Filled({}, outcome.errors, filled.typed), outcome.refusal), outcome.status
    notify(_("Your appointment is asked for. The store confirms it."))
    return redirect(url_for("my_appointments.show", appointment_id=made[0].id), 303)


@blueprint.get("/<int:appointment_id>")
@owner_only
def show(appointment_id: int) -> ResponseReturnValue:
    """Show an appointment of the owner."""
    return _page(queries.appointment(appointment_id, _own()))


@blueprint.get("/<int:appointment_id>/move")
@owner_only
def other_times(appointment_id: int) -> ResponseReturnValue:
    """Show the other times of its store."""
    return _moving(queries.appointment(appointment_id, _own()), empty())


@blueprint.post("/<int:appointment_id>/move")
@owner_only
def move(appointment_id: int) -> ResponseReturnValue:
    """Move it to another time; the store is asked again."""
    was = queries.appointment(appointment_id, _own())
    filled = load(MoveForm, request.form)
    if not filled.ok:
        return _moving(was, filled), 422
    starts_at: datetime = filled.values["starts"]
    outcome = attempt(
        lambda: service.move(was.id, starts_at, scope=_own(), now=request_now(), by=current_actor()),
    )
    if not outcome.ok:
        return _moving(was, Filled({}, outcome.errors, filled.typed), outcome.refusal), outcome.status
    notify(_("Your appointment is moved. The store confirms it."))
    return redirect(url_for("my_appointments.show", appointment_id=was.id), 303)


@blueprint.post("/<int:appointment_id>/cancel")
@owner_only
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Cancel it."""
    was = queries.appointment(appointment_id, _own())
    outcome = attempt(lambda: service.cancel(was.id, scope=_own(), now=request_now(), by=current_actor()))
    if not outcome.ok:
        return _page(queries.appointment(appointment_id, _own()), outcome.refusal), outcome.status
    notify(_("Your appointment is cancelled."))
    return redirect(url_for("my_appointments.index"), 303)


@blueprint.get("/<int:appointment_id>.ics")
@owner_only
def file(appointment_id: int) -> ResponseReturnValue:
    """Send it as a file that calendars read."""
    one = queries.appointment(appointment_id, _own())
    link = url_for("my_appointments.show", appointment_id=one.id, _external=True)
    title = _("%(topic)s at %(store)s", topic=TOPICS[one.topic], store=one.store)
    answer = Response(as_ics(one, title, link, request_now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=appointment.ics"
    return answer


def _page(one: AppointmentView, refusal: str | None = None) -> str:
    g.zone = one.zone
    movable = one.is_ahead and one.starts_at > request_now()
    return render_template("appointments/portal/show.html", one=one, refusal=refusal, movable=movable, **_words())


def _booking(filled: Filled, refusal: str | None = None) -> str:
    there = stores(EVERYTHING)
    store = _store()
    cars = [held.vehicle for held in vehicles_of(_me())]
    about = {"stores": there, "store": store, "cars": cars, "filled": filled, "refusal": refusal}
    return render_template("appointments/portal/new.html", **about, **_times(store), **_words())


def _moving(one: AppointmentView, filled: Filled, refusal: str | None = None) -> str:
    store = next(at for at in stores(EVERYTHING) if at.id == one.store_id)
    about = {"one": one, "filled": filled, "refusal": refusal}
    return render_template("appointments/portal/move.html", **about, **_times(store), **_words())


def _store() -> StoreView | None:
    """Return the store of the address, or else the owner's own, or the first one."""
    there = stores(EVERYTHING)
    home = customer(_me(), EVERYTHING).home_store_id
    asked = row_number(request.values.get("store", ""))
    wanted: list[Callable[[StoreView], bool]] = [
        lambda one: one.id == asked,
        lambda one: one.id == home,
        lambda _one: True,
    ]
    return next((one for fits in wanted for one in there if fits(one)), None)


def _times(store: StoreView | None) -> dict[str, Any]:
    """Return the day of the address (or else the first one with a place) and its slots that can still be taken."""
    if store is None:
        return {"day": None, "slots": [], "first": None, "last": None}
    g.zone = store.zone
    now = request_now()
    first, last = day_at(now + SOONEST, store.zone), day_at(now + FARTHEST, store.zone)
    day = _asked(first, last)
    found = queries.offered(store.id, day or first, day or first + timedelta(days=14))
    free = {at: [slot for slot in slots if in_time(slot.starts_at, now)] for at, slots in found.items()}
    if day is None:
        day = next((at for at, slots in free.items() if any(slot.left for slot in slots)), first)
    slots: list[Slot] = free[day]
    return {"day": day, "slots": slots, "first": first, "last": last}


def _asked(first: date, last: date) -> date | None:
    try:
        day = parse_day(request.values["day"]) if request.values.get("day") else None
    except Malformed:
        return None
    return day if day is not None and first <= day <= last else None


def _words() -> dict[str, Any]:
    return {"states": STATES, "tones": TONES, "topics": TOPICS}


def _me() -> int:
    return current_actor().customer_id or 0


def _own() -> Scope:
    return Scope(stores=None, customer_id=_me())
