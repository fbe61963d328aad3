"""Vehicles: the list, one of them, its owners over time and its mileage."""

from datetime import date

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.forms import NewVehicleForm, OwnerForm, ReadingForm, VehicleForm
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.rules import (
    ENERGIES,
    VEHICLE_CLASSES,
    VEHICLE_USES,
    VehicleDraft,
    id_of_number,
    vin_checks,
)
from loyalty.customers.words import choices
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import day_at
from loyalty.kernel.paging import Page
from loyalty.web import forms, panels
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

MOST_FOUND = 50


@blueprint.get("/vehicles")
@guard("customers.read")
def list_vehicles() -> ResponseReturnValue:
    """List vehicles, the latest added first, or find them by plate or VIN; a single hit opens at once."""
    scope = current_actor().scope("customers.read")
    text = request.args.get("q", "").strip()
    if text:
        found = queries.find_vehicles(text, scope, limit=MOST_FOUND)
        if len(found) == 1:
            return redirect(url_for("customers.show_vehicle", vehicle_id=found[0].vehicle.id))
        return render_template("customers/vehicles.html", page=Page(found, None), text=text)
    page = queries.vehicle_list(scope, cursor=request.args.get("cursor"))
    return render_template("customers/vehicles.html", page=page, text="")


@blueprint.get("/vehicles/<int:vehicle_id>")
@guard("customers.read")
def show_vehicle(vehicle_id: int) -> ResponseReturnValue:
    """Show a vehicle, who held it when, and its mileage."""
    return _vehicle_page(vehicle_id)


@blueprint.post("/vehicles/<int:vehicle_id>/readings")
@guard("customers.edit")
def add_reading(vehicle_id: int) -> ResponseReturnValue:
    """Write down a mileage; one that runs backward needs a reason."""
    filled = forms.load(ReadingForm, request.form)
    if not filled.ok:
        return _vehicle_page(vehicle_id, filled, Outcome(errors=filled.errors))
    actor = current_actor()
    scope = actor.scope("customers.edit")
    km, day, reason = filled.values["km"], filled.values["day"], filled.values["reason"]
    now, zone = request_now(), _zone(vehicle_id, actor.scope("customers.read"))

    def write() -> None:
        if reason:
            service.correct_reading(vehicle_id, km, day=day, reason=reason, scope=scope, now=now, by=actor)
        else:
            service.add_reading(vehicle_id, km, day=day, zone=zone, scope=scope, now=now, by=actor)

    outcome = attempt(write)
    if not outcome.ok:
        return _vehicle_page(vehicle_id, filled, outcome)
    notify(gettext("Mileage saved."))
    return redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id), 303)


def _zone(vehicle_id: int, scope: Scope) -> str:
    """Return the zone in which days of the vehicle are read: that of the main owner's store, or of who is visible."""
    held = queries.holdings(vehicle_id)
    seen = queries.customers_by_ids([one.customer.id for one in held], scope)
    mine = [one for one in held if one.customer.id in seen]
    mine.sort(key=lambda one: (one.until_day is not None, one.role != "owner"))
    return queries.zone_of_customer(mine[0].customer.home_store_id if mine else None)


def _vehicle_page(
    vehicle_id: int,
    filled: forms.Filled | None = None,
    outcome: Outcome | None = None,
) -> ResponseReturnValue:
    scope = current_actor().scope("customers.read")
    found = queries.vehicle(vehicle_id, scope)
    holdings = queries.holdings(vehicle_id)
    seen = queries.customers_by_ids([one.customer.id for one in holdings], scope)
    zone = g.zone = _zone(vehicle_id, scope)
    outcome = outcome or Outcome()
    collected = panels.collect("vehicle", vehicle_id=vehicle_id, actor=current_actor())
    page = render_template(
        "customers/vehicle.html",
        more=panels.rendered(collected),
        vehicle=found,
        holdings=holdings,
        seen=seen,
        readings=queries.readings(vehicle_id),
        odd_vin=not vin_checks(found.vin),
        values=filled.typed if filled else {"day": day_at(request_now(), zone)},
        errors=outcome.errors,
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status


@blueprint.get("/customers/<int:customer_id>/vehicles/new")
@guard("customers.edit")
def new_vehicle(customer_id: int) -> ResponseReturnValue:
    """Show the form of a new vehicle of a customer."""
    return _form_page(customer_id=customer_id, filled=forms.empty(vehicle_class="passenger", use="household"))


@blueprint.post("/customers/<int:customer_id>/vehicles/new")
@guard("customers.edit")
def create_vehicle(customer_id: int) -> ResponseReturnValue:
    """Add a vehicle whose main owner the customer is from today, or from the day of delivery."""
    filled = forms.load(NewVehicleForm, request.form)
    if not filled.ok:
        return _form_page(customer_id=customer_id, filled=filled, outcome=Outcome(errors=filled.errors))
    actor = current_actor()
    scope = actor.scope("customers.edit")
    zone = show_in_zone_of(queries.customer(customer_id, scope).home_store_id)
    draft = VehicleDraft(**filled.values)
    day: date = draft.delivered_day or day_at(request_now(), zone)
    outcome = attempt(
        lambda: service.add_vehicle(customer_id, draft, day=day, scope=scope, now=request_now(), by=actor),
    )
    if not outcome.ok:
        return _form_page(customer_id=customer_id, filled=filled, outcome=outcome)
    notify(gettext("Vehicle added."))
    return redirect(url_for("customers.whole", customer_id=customer_id), 303)


@blueprint.get("/vehicles/<int:vehicle_id>/edit")
@guard("customers.edit")
def edit_vehicle(vehicle_id: int) -> ResponseReturnValue:
    """Show the form of a vehicle's data."""
    found = queries.vehicle(vehicle_id, current_actor().scope("customers.edit"))
    known = {name: getattr(found, name) for name in VehicleForm().fields}
    typed = {name: "" if value is None else str(value) for name, value in known.items()}
    return _form_page(vehicle_id=vehicle_id, filled=forms.Filled({}, {}, typed))


@blueprint.post("/vehicles/<int:vehicle_id>/edit")
@guard("customers.edit")
def save_vehicle(vehicle_id: int) -> ResponseReturnValue:
    """Change a vehicle's data."""
    filled = forms.load(VehicleForm, request.form)
    if not filled.ok:
        return _form_page(vehicle_id=vehicle_id, filled=filled, outcome=Outcome(errors=filled.errors))
    actor = current_actor()
    scope = actor.scope("customers.edit")
    outcome = attempt(
        lambda: service.change_vehicle(vehicle_id, filled.values, scope=scope, now=request_now(), by=actor),
    )
    if not outcome.ok:
        return _form_page(vehicle_id=vehicle_id, filled=filled, outcome=outcome)
    notify(gettext("Vehicle saved."))
    return redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id), 303)


def _form_page(
    *,
    filled: forms.Filled,
    customer_id: int | None = None,
    vehicle_id: int | None = None,
    outcome: Outcome | None = None,
) -> ResponseReturnValue:
    scope = current_actor().scope("customers.edit")
    outcome = outcome or Outcome()
    page = render_template(
        "customers/vehicle_form.html",
        customer=None if customer_id is None else queries.customer(customer_id, scope),
        vehicle=None if vehicle_id is None else queries.vehicle(vehicle_id, scope),
        values=filled.typed,
        errors=outcome.errors,
        refusal=outcome.refusal,
        classes=choices(VEHICLE_CLASSES),
        uses=choices(VEHICLE_USES),
        energies=choices(ENERGIES, empty=gettext("Not known")),
    )
    return page, 200 if outcome.ok else outcome.status


@blueprint.get("/vehicles/<int:vehicle_id>/owner")
@guard("customers.edit")
def ask_owner(vehicle_id: int) -> ResponseReturnValue:
    """Show the form of a change of owner."""
    return _owner_page(vehicle_id)


@blueprint.post("/vehicles/<int:vehicle_id>/owner")
@guard("customers.edit")
def change_owner(vehicle_id: int) -> ResponseReturnValue:
    """Give a vehicle to its next main owner."""
    filled = forms.load(OwnerForm, request.form)
    if not filled.ok:
        return _owner_page(vehicle_id, filled, Outcome(errors=filled.errors))
    actor = current_actor()
    scope = actor.scope("customers.edit")
    found = queries.customers_by_ids([id_of_number(filled.values["number"]) or 0], scope)
    if not found:
        mistake = Outcome(errors={"number": [gettext("There is no customer with this number.")]})
        return _owner_page(vehicle_id, filled, mistake)
    owner, day = next(iter(found)), filled.values["day"]
    outcome = attempt(
        lambda: service.change_owner(vehicle_id, owner, day=day, scope=scope, now=request_now(), by=actor),
    )
    if not outcome.ok:
        return _owner_page(vehicle_id, filled, outcome)
    notify(gettext("Owner changed."))
    return redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id), 303)


def _owner_page(
    vehicle_id: int,
    filled: forms.Filled | None = None,
    outcome: Outcome | None = None,
) -> ResponseReturnValue:
    scope = current_actor().scope("customers.edit")
    found = queries.vehicle(vehicle_id, scope)
    outcome = outcome or Outcome()
    page = render_template(
        "customers/owner.html",
        vehicle=found,
        values=filled.typed if filled else {"day": day_at(request_now(), _zone(vehicle_id, scope))},
        errors=outcome.errors,
        refusal=outcome.refusal,
    )
    return page, 200 if outcome.ok else outcome.status
