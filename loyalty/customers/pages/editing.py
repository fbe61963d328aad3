"""Changes to a customer: its data, its phones and addresses."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.forms import EditCustomerForm, IdentifierForm
from loyalty.customers.pages.blueprint import advisor_choices, blueprint, store_choices
from loyalty.customers.rules import GENDERS, IDENTIFIER_KINDS, KINDS, LANGUAGES, STATES, data_version
from loyalty.customers.words import choices, effect_texts, word
from loyalty.kernel.actor import EVERYTHING
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now


@blueprint.get("/customers/<int:customer_id>/edit")
@guard("customers.edit")
def edit_customer(customer_id: int) -> ResponseReturnValue:
    """Show the form of a customer's data."""
    return _edit_page(customer_id)


@blueprint.post("/customers/<int:customer_id>/edit")
@guard("customers.edit")
def save_customer(customer_id: int) -> ResponseReturnValue:
    """Change a customer's data."""
    filled = forms.load(EditCustomerForm, request.form)
    if not filled.ok:
        return _edit_page(customer_id, filled, Outcome(errors=filled.errors))
    lapsing: list[str] = []
    outcome = attempt(lambda: lapsing.extend(_change(customer_id, filled.values)))
    if not outcome.ok or lapsing:
        return _edit_page(customer_id, filled, outcome, lapsing=lapsing)
    notify(gettext("Customer data saved."))
    return redirect(url_for("customers.whole", customer_id=customer_id), 303)


def _change(customer_id: int, asked: dict[str, Any]) -> list[str]:
    """Change the customer; closing it does nothing and returns what would lapse, until just that was told before."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    told, seen = asked.pop("told"), asked.pop("seen")
    change = partial(service.change_customer, customer_id, asked, seen=seen, scope=scope, now=request_now(), by=actor)
    if asked["state"] == "closed" and queries.customer(customer_id, scope).state != "closed":
        lapsing = effect_texts(change(dry_run=True)) or [
            gettext("Nothing lapses: there are no points and no membership.")
        ]
        if told != data_version(lapsing):
            return lapsing
    change()
    return []


@blueprint.post("/customers/<int:customer_id>/identifiers")
@guard("customers.edit")
def add_identifier(customer_id: int) -> ResponseReturnValue:
    """Add a phone, an address or a card."""
    filled = forms.load(IdentifierForm, request.form)
    actor = current_actor()
    if filled.ok:
        kind, value, scope = filled.values["kind"], filled.values["value"], actor.scope("customers.edit")
        outcome = attempt(
            lambda: service.add_identifier(customer_id, kind, value, scope=scope, now=request_now(), by=actor),
        )
        lines = [line for told in outcome.errors.values() for line in told]
        outcome = Outcome({"value": lines} if lines else {}, outcome.refusal)
    else:
        outcome = Outcome(errors=filled.errors)
    if not outcome.ok:
        return _edit_page(customer_id, None, outcome, added=filled.typed)
    notify(gettext("Saved."))
    return redirect(url_for("customers.edit_customer", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/identifiers/<int:identifier_id>/remove")
@guard("customers.edit")
def remove_identifier(customer_id: int, identifier_id: int) -> ResponseReturnValue:
    """Take a phone, an address or a card away."""
    actor = current_actor()
    service.remove_identifier(
        customer_id,
        identifier_id,
        scope=actor.scope("customers.edit"),
        now=request_now(),
        by=actor,
    )
    notify(gettext("Removed."))
    return redirect(url_for("customers.edit_customer", customer_id=customer_id), 303)


def _edit_page(
    customer_id: int,
    filled: forms.Filled | None = None,
    outcome: Outcome | None = None,
    added: Mapping[str, str] | None = None,
    lapsing: Sequence[str] = (),
) -> ResponseReturnValue:
    actor = current_actor()
    scope = actor.scope("customers.edit")
    card = queries.card(customer_id, scope)
    known = {
        "name": card.customer.name,
        "kind": card.customer.kind,
        "gender": card.customer.gender,
        "birthday": card.birthday,
        "lunar": card.lunar,
        "language": card.language,
        "home_store_id": card.customer.home_store_id,
        "advisor_id": card.advisor_id,
        "state": card.customer.state,
    }
    outcome = outcome or Outcome()
    page = render_template(
        "customers/edit.html",
        card=card,
        theirs=_theirs(known, filled) if filled and outcome.refusal else [],
        lapsing=lapsing,
        told=data_version(lapsing) if lapsing else "",
        values=filled.typed if filled else known,
        added=added or {"kind": "phone"},
        errors=outcome.errors,
        refusal=outcome.refusal,
        kinds=choices(KINDS),
        genders=choices(GENDERS, empty=gettext("Not said")),
        languages=choices(LANGUAGES),
        states=choices(STATES[:3]),
        stores=store_choices(scope),
        advisors=advisor_choices(),
        identifier_kinds=choices(IDENTIFIER_KINDS),
    )
    return page, 200 if outcome.ok else outcome.status


def _theirs(known: Mapping[str, Any], filled: forms.Filled) -> list[tuple[str, str]]:
    """Return the fields that are otherwise than typed, as (label, what is there now)."""
    labels = {
        "name": gettext("Customer name"),
        "kind": gettext("Kind"),
        "gender": gettext("Form of address"),
        "birthday": gettext("Birthday"),
        "language": gettext("Language"),
        "home_store_id": gettext("Home store"),
        "advisor_id": gettext("Service advisor"),
        "state": gettext("State"),
    }
    named = {"home_store_id": dict(store_choices(EVERYTHING)), "advisor_id": dict(advisor_choices())}
    told = []
    for name, label in labels.items():
        there = "" if known[name] is None else str(known[name])
        if there != filled.typed.get(name, ""):
            told.append((label, named[name].get(there, "--") if name in named else word(there) or "--"))
    return told
