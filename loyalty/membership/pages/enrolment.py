"""Enrolling a customer, and suspending, resuming or closing a membership."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.customers.queries import customer, ids_by_number
from loyalty.customers.rules import CustomerNotFound
from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import NotFound, Refused
from loyalty.membership import queries, service
from loyalty.membership.forms import EnrolForm, StateForm
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.rules import MOVES, Newcomer, number_of
from loyalty.staff.queries import store_by_code, stores
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

CONFLICT = 409
UNREADABLE = 422


@blueprint.get("/new")
@guard("members.enrol")
def enrol_form() -> ResponseReturnValue:
    """Show the form for enrolling a customer."""
    return _enrol_page(empty(**request.args.to_dict()))


@blueprint.post("/new")
@guard("members.enrol")
def enrol() -> ResponseReturnValue:
    """Enrol a customer and show the new member."""
    filled = load(EnrolForm, request.form)
    if not filled.ok:
        return _enrol_page(filled), UNREADABLE
    actor, now = current_actor(), request_now()
    scope = actor.scope("members.enrol")
    number = filled.values["customer"].upper()
    try:
        store = store_by_code(filled.values["store"], scope)
        customer_id = ids_by_number([number]).get(number)
        if customer_id is None:
            raise CustomerNotFound(customer=number)
        who = customer(customer_id, scope)
        newcomer = Newcomer(who.id, store.id, now, day_at(now, store.zone))
        effects = service.enrol_by_hand(newcomer, now=now, by=actor)
    except (Refused, NotFound) as refused:
        return _enrol_page(filled, refused), CONFLICT
    notify(" ".join(say(effect.sentence, effect.numbers) for effect in effects))
    return redirect(url_for("members.show", number=number_of(customer_id)), code=303)


@blueprint.get("/<number>/state")
@guard("members.enrol")
def state_form(number: str) -> ResponseReturnValue:
    """Show what can become of a membership."""
    return _state_page(number, empty(**request.args.to_dict()))


@blueprint.post("/<number>/state")
@guard("members.enrol")
def change_state(number: str) -> ResponseReturnValue:
    """Suspend, resume or close a membership."""
    filled = load(StateForm, request.form)
    move, reason = filled.values.get("move"), filled.values.get("reason")
    if filled.ok and move != "resume" and not reason:
        filled.errors["reason"] = [_("Say why; the reason is kept with the membership.")]
    if not filled.ok:
        return _state_page(number, filled), UNREADABLE
    actor, now = current_actor(), request_now()
    scope = actor.scope("members.enrol")
    try:
        if move == "resume":
            effects = service.resume(number, scope=scope, now=now, by=actor)
        else:
            act = service.suspend if move == "suspend" else service.close
            effects = act(number, str(reason), scope=scope, now=now, by=actor)
    except Refused as refused:
        return _state_page(number, filled, refused), CONFLICT
    notify(" ".join(say(effect.sentence, effect.numbers) for effect in effects))
    return redirect(url_for("members.show", number=number), code=303)


def _enrol_page(filled: Filled, refused: Refused | NotFound | None = None) -> str:
    scope = current_actor().scope("members.enrol")
    choices = [(store.code, store.name) for store in stores(scope)]
    return render_template("membership/enrol.html", filled=filled, stores=choices, refused=refused)


def _state_page(number: str, filled: Filled, refused: Refused | None = None) -> str:
    card = queries.card(number, current_actor().scope("members.enrol"), now=request_now())
    moves = [move for move in ("suspend", "resume", "close") if card.member.state in MOVES[move][0]]
    return render_template("membership/state.html", card=card, filled=filled, moves=moves, refused=refused)
