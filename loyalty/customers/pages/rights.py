"""What a person may ask of the data about them: a copy of everything, and to be forgotten."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.customers import queries, service
from loyalty.customers.attempts import Outcome, attempt
from loyalty.customers.copies import as_file, tables
from loyalty.customers.pages.blueprint import blueprint, show_in_zone_of
from loyalty.customers.words import effect_texts
from loyalty.web.guards import guard
from loyalty.web.limits import limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS


@blueprint.get("/customers/<int:customer_id>/data")
@guard("customers.edit")
def rights(customer_id: int) -> ResponseReturnValue:
    """Show what may be asked about a customer's data, and a request that waits."""
    return _page(customer_id)


@blueprint.post("/customers/<int:customer_id>/data/print")
@guard("customers.copy", fresh=True)
@limited(EXPORTS, scope="exports")
def print_copy(customer_id: int) -> ResponseReturnValue:
    """Show the copy of everything on one page, to be printed or kept as PDF."""
    actor = current_actor()
    scope = actor.scope("customers.copy")
    found = queries.customer(customer_id, scope)
    show_in_zone_of(found.home_store_id)
    copy = service.copy_everything(customer_id, scope=scope, now=request_now(), by=actor)
    return render_template("customers/copy.html", customer=found, tables=tables(copy), taken_at=request_now())


@blueprint.post("/customers/<int:customer_id>/data/file")
@guard("customers.copy", fresh=True)
@limited(EXPORTS, scope="exports")
def copy_file(customer_id: int) -> ResponseReturnValue:
    """Send the copy of everything as a JSON file."""
    actor = current_actor()
    scope = actor.scope("customers.copy")
    return as_file(customer_id, service.copy_everything(customer_id, scope=scope, now=request_now(), by=actor))


@blueprint.post("/customers/<int:customer_id>/erasure")
@guard("customers.edit")
def ask_erasure(customer_id: int) -> ResponseReturnValue:
    """Write down that the customer asks to be forgotten; somebody else carries it out."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    outcome = attempt(lambda: service.request_erasure(customer_id, scope=scope, now=request_now(), by=actor))
    if not outcome.ok:
        return _page(customer_id, outcome)
    notify(gettext("Request of erasure written down."))
    return redirect(url_for("customers.rights", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/erasure/withdraw")
@guard("customers.edit")
def withdraw_erasure(customer_id: int) -> ResponseReturnValue:
    """Take the request back."""
    actor = current_actor()
    scope = actor.scope("customers.edit")
    service.withdraw_erasure(customer_id, scope=scope, now=request_now(), by=actor)
    notify(gettext("Request of erasure withdrawn."))
    return redirect(url_for("customers.rights", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/erasure/check")
@guard("customers.erase")
def check_erasure(customer_id: int) -> ResponseReturnValue:
    """Show what the erasure would do, in numbers; nothing is written yet."""
    actor = current_actor()
    scope = actor.scope("customers.erase")
    tried: list[service.Erased] = []
    outcome = attempt(
        lambda: tried.append(service.erase(customer_id, scope=scope, now=request_now(), by=actor, dry_run=True))
    )
    if not outcome.ok:
        return _page(customer_id, outcome)
    return render_template(
        "customers/erasure_check.html",
        customer=queries.customer(customer_id, scope),
        effects=effect_texts(tried[0].effects),
    )


@blueprint.post("/customers/<int:customer_id>/erasure/done")
@guard("customers.erase", fresh=True)
def erase(customer_id: int) -> ResponseReturnValue:
    """Forget the person."""
    actor = current_actor()
    scope = actor.scope("customers.erase")
    outcome = attempt(lambda: service.erase(customer_id, scope=scope, now=request_now(), by=actor))
    if not outcome.ok:
        return _page(customer_id, outcome)
    notify(gettext("The person is erased. Points and sales stay in the books without a name."))
    return redirect(url_for("customers.list_erasures"), 303)


@blueprint.get("/erasures")
@guard("customers.erase")
def list_erasures() -> ResponseReturnValue:
    """List who waits to be forgotten, the oldest request first."""
    waiting = queries.waiting_requests(current_actor().scope("customers.erase"))
    return render_template("customers/erasures.html", waiting=waiting)


def _page(customer_id: int, outcome: Outcome | None = None) -> ResponseReturnValue:
    found = queries.customer(customer_id, current_actor().scope("customers.edit"))
    show_in_zone_of(found.home_store_id)
    page = render_template(
        "customers/rights.html",
        customer=found,
        request_=queries.open_request(customer_id),
        refusal=outcome.refusal if outcome else None,
    )
    return page, 200 if outcome is None else outcome.status
