"""Households of people and their cars, and the drivers and payers of vehicles."""

from collections.abc import Callable
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.forms import HolderForm, HouseholdForm, HouseholdPersonForm
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.rules import id_of_number
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import day_at
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now


@blueprint.get("/households/<int:household_id>")
@guard("customers.read")
def show_household(household_id: int) -> ResponseReturnValue:
    """Show a household with its people and cars."""
    return _household_page(household_id)


@blueprint.get("/customers/<int:customer_id>/household")
@guard("customers.edit")
def ask_household(customer_id: int) -> ResponseReturnValue:
    """Lead to the household of a customer, or show the form that begins one."""
    known = queries.household_of(queries.customer(customer_id, current_actor().scope("customers.edit")).id)
    if known is not None:
        return redirect(url_for("customers.show_household", household_id=known[0]))
    return _start_page(customer_id)


@blueprint.post("/customers/<int:customer_id>/household")
@guard("customers.edit")
def start_household(customer_id: int) -> ResponseReturnValue:
    """Begin a household with the customer as its first person."""
    filled = forms.load(HouseholdForm, request.form)
    if not filled.ok:
        return _start_page(customer_id, filled, Outcome(errors=filled.errors))
    actor = current_actor()
    scope, now, name = actor.scope("customers.edit"), request_now(), filled.values["name"]
    made: list[int] = []
    outcome = attempt(
        lambda: made.append(
            service.start_household(customer_id, name, day=filled.values["day"], scope=scope, now=now, by=actor)
        )
    )
    if not outcome.ok:
        return _start_page(customer_id, filled, outcome)
    notify(gettext("Household saved."))
    return redirect(url_for("customers.show_household", household_id=made[0]), 303)


@blueprint.post("/households/<int:household_id>/people")
@guard("customers.edit")
def join_household(household_id: int) -> ResponseReturnValue:
    """Take somebody into a household."""
    filled = forms.load(HouseholdPersonForm, request.form)
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()

    def join(customer_id: int, day: date) -> None:
        service.join_household(household_id, customer_id, day=day, scope=scope, now=now, by=actor)

    outcome = _with_customer(filled, scope, join)
    if not outcome.ok:
        return _household_page(household_id, filled, outcome)
    notify(gettext("Household saved."))
    return redirect(url_for("customers.show_household", household_id=household_id), 303)


@blueprint.post("/households/<int:household_id>/people/<int:customer_id>/leave")
@guard("customers.edit")
def leave_household(household_id: int, customer_id: int) -> ResponseReturnValue:
    """Let somebody leave a household today."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    queries.household(household_id, scope)
    found = queries.customer(customer_id, scope)
    day = day_at(request_now(), show_in_zone_of(found.home_store_id))
    service.leave_household(customer_id, day=day, scope=scope, now=request_now(), by=actor)
    notify(gettext("%(name)s left the household.", name=found.shown_name))
    return redirect(url_for("customers.whole", customer_id=customer_id), 303)


@blueprint.get("/vehicles/<int:vehicle_id>/holders/new")
@guard("customers.edit")
def ask_holder(vehicle_id: int) -> ResponseReturnValue:
    """Show the form of one more driver or payer."""
    return _holder_page(vehicle_id)


@blueprint.post("/vehicles/<int:vehicle_id>/holders/new")
@guard("customers.edit")
def add_holder(vehicle_id: int) -> ResponseReturnValue:
    """Let somebody be a driver or payer of the vehicle."""
    filled = forms.load(HolderForm, request.form)
    actor = current_actor()
    scope, now = actor.scope("customers.edit"), request_now()

    def add(customer_id: int, day: date) -> None:
        service.add_holder(vehicle_id, customer_id, filled.values["role"], day=day, scope=scope, now=now, by=actor)

    outcome = _with_customer(filled, scope, add)
    if not outcome.ok:
        return _holder_page(vehicle_id, filled, outcome)
    notify(gettext("Saved."))
    return redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id), 303)


@blueprint.post("/vehicles/<int:vehicle_id>/holders/<int:customer_id>/end")
@guard("customers.edit")
def end_holder(vehicle_id: int, customer_id: int) -> ResponseReturnValue:
    """Let a driver or payer be so no longer from today on."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    found = queries.customer(customer_id, scope)
    day = day_at(request_now(), show_in_zone_of(found.home_store_id))
    service.end_holder(vehicle_id, customer_id, day=day, scope=scope, now=request_now(), by=actor)
    notify(gettext("Saved."))
    return redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id), 303)


def _with_customer(filled: forms.Filled, scope: Scope, work: Callable[[int, date], None]) -> Outcome:
    """Do `work` with the customer whose number was typed, and the day; nobody's number is told at its field."""
    if not filled.ok:
        return Outcome(errors=filled.errors)
    found = queries.customers_by_ids([id_of_number(filled.values["number"]) or 0], scope)
    if not found:
        return Outcome(errors={"number": [gettext("There is no customer with this number.")]})
    customer_id = next(iter(found))
    return attempt(lambda: work(customer_id, filled.values["day"]))


def _today() -> date:
    return day_at(request_now(), queries.USUAL_ZONE)


def _start_page(
    customer_id: int, filled: forms.Filled | None = None, outcome: Outcome | None = None
) -> ResponseReturnValue:
    found = queries.customer(customer_id, current_actor().scope("customers.edit"))
    outcome = outcome or Outcome()
    called = gettext("%(name)s's household", name=found.shown_name)
    page = render_template(
        "customers/household_new.html",
        customer=found,
        values=filled.typed if filled else {"name": called, "day": _today()},
        errors=outcome.errors,
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status


def _household_page(
    household_id: int, filled: forms.Filled | None = None, outcome: Outcome | None = None
) -> ResponseReturnValue:
    outcome = outcome or Outcome()
    page = render_template(
        "customers/household.html",
        household=queries.household(household_id, current_actor().scope("customers.read")),
        values=filled.typed if filled else {"day": _today()},
        errors=outcome.errors,
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status


def _holder_page(
    vehicle_id: int, filled: forms.Filled | None = None, outcome: Outcome | None = None
) -> ResponseReturnValue:
    outcome = outcome or Outcome()
    page = render_template(
        "customers/holder.html",
        vehicle=queries.vehicle(vehicle_id, current_actor().scope("customers.edit")),
        values=filled.typed if filled else {"day": _today(), "role": "driver"},
        errors=outcome.errors,
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status
