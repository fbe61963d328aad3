"""Stores."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import Malformed
from loyalty.staff import queries, service
from loyalty.staff.forms import StoreChangeForm, StoreForm, store_details, told
from loyalty.staff.queries import StoreCard
from loyalty.staff.rules import StoreCodeTaken, StoreNotFound
from loyalty.staff.words import WEEKDAYS, hours_text
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("stores", __name__, url_prefix="/staff/stores", template_folder="../templates")

PERMISSION = "stores.manage"
_GROUP_ZONE = "Asia/Shanghai"


@blueprint.get("")
@guard(PERMISSION)
def list_stores() -> ResponseReturnValue:
    """Show the stores."""
    cards = queries.store_cards(current_actor().scope(PERMISSION))
    today = day_at(request_now(), _GROUP_ZONE).isoformat()
    return render_template("staff/stores.html", stores=cards, hours_text=hours_text, today=today)


@blueprint.get("/new")
@guard(PERMISSION)
def new_store() -> ResponseReturnValue:
    """Show the form of a new store."""
    return _form(None, forms.empty(zone="Asia/Shanghai", currency="CNY"), 200)


@blueprint.post("/new")
@guard(PERMISSION)
def create_store() -> ResponseReturnValue:
    """Open a store."""
    filled = forms.load(StoreForm, request.form)
    if not filled.ok:
        return _form(None, filled, 422)
    values = filled.values
    kept = {name: values[name] for name in ("code", "name", "zone", "currency")}
    try:
        service.create_store(**kept, details=store_details(values), now=request_now(), by=current_actor())
    except Malformed as problem:
        return _form(None, told(filled, problem), 422)
    except StoreCodeTaken as problem:
        return _form(None, told(filled, Malformed({"code": [say(problem.sentence, problem.details)]})), 409)
    notify(_("Store %(name)s is open.", name=values["name"]))
    return redirect(url_for("stores.list_stores"), 303)


@blueprint.get("/<int:store_id>/edit")
@guard(PERMISSION)
def edit_store(store_id: int) -> ResponseReturnValue:
    """Show the form of a store."""
    card = _card(store_id)
    hours = {day: " ".join("-".join(span) for span in spans) for day, spans in card.opening_hours.items()}
    reached = {name: getattr(card, name) or "" for name in ("phone", "email", "address", "contact")}
    holidays = "\n".join(_line(*span) for span in card.holidays)
    typed = {"code": card.code, "name": card.name, "holidays": holidays, **reached, **hours}
    return _form(card, forms.empty(zone=card.zone, currency=card.currency, **typed), 200)


@blueprint.post("/<int:store_id>/edit")
@guard(PERMISSION)
def update_store(store_id: int) -> ResponseReturnValue:
    """Change a store."""
    card = _card(store_id)
    filled = forms.load(StoreChangeForm, request.form)
    if not filled.ok:
        return _form(card, filled, 422)
    values = filled.values
    try:
        service.update_store(
            store_id, name=values["name"], details=store_details(values), now=request_now(), by=current_actor()
        )
    except Malformed as problem:
        return _form(card, told(filled, problem), 422)
    notify(_("Store %(name)s is saved.", name=values["name"]))
    return redirect(url_for("stores.list_stores"), 303)


def _line(first: str, last: str, name: str) -> str:
    """Return a holiday as it is written in the form."""
    return " ".join(part for part in (first, last if last != first else "", name) if part)


def _card(store_id: int) -> StoreCard:
    for card in queries.store_cards(current_actor().scope(PERMISSION)):
        if card.id == store_id:
            return card
    raise StoreNotFound(store=store_id)


def _form(card: StoreCard | None, filled: forms.Filled, status: int) -> tuple[str, int]:
    return render_template("staff/store_form.html", store=card, form=filled, weekdays=WEEKDAYS), status
