"""What a customer agrees to, with its proof; declining is as easy as agreeing."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.rules import ASKED, CONSENT_TEXT, ConsentGiven, agreed
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now


@blueprint.get("/customers/<int:customer_id>/consents")
@guard("customers.read")
def show_consents(customer_id: int) -> ResponseReturnValue:
    """Show what a customer agreed to, by purpose and channel, and how it came about."""
    return _page(customer_id)


@blueprint.post("/customers/<int:customer_id>/consents")
@guard("customers.edit")
def save_consents(customer_id: int) -> ResponseReturnValue:
    """Write down what a customer has said; what is newly agreed to needs its proof."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    queries.customer(customer_id, scope)
    state = queries.consents(customer_id)
    proof = request.form.get("proof", "").strip()[:200] or None
    said = {pair: request.form.get("-".join(pair)) for pair in ASKED}
    given = [
        ConsentGiven(purpose, channel, answer == "yes", request_now(), CONSENT_TEXT, proof)
        for (purpose, channel), answer in said.items()
        if answer in {"yes", "no"} and agreed(state, purpose, channel) is not (answer == "yes")
    ]
    if proof is None and any(one.granted for one in given):
        errors = {"proof": [gettext("Say how it was agreed to: by phone, on paper, in a message.")]}
        return _page(customer_id, errors=errors, typed=request.form, status=422)
    service.record_consents(customer_id, given, scope=scope, now=request_now(), by=actor)
    notify(gettext("Consents saved."))
    return redirect(url_for("customers.show_consents", customer_id=customer_id), 303)


def _page(
    customer_id: int,
    *,
    errors: Mapping[str, list[str]] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found = queries.customer(customer_id, current_actor().scope("customers.read"))
    show_in_zone_of(found.home_store_id)
    page = render_template(
        "customers/consents.html",
        customer=found,
        asked=ASKED,
        state=queries.consents(customer_id),
        events=list(reversed(queries.consent_events(customer_id))),
        errors=errors or {},
        typed=typed or {},
    )
    return page, status
