"""A follow-up that a person arranges for a customer."""

import secrets
from datetime import datetime, time

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.customers.queries import customer as found_customer
from loyalty.customers.queries import customers_by_ids, find, ids_by_number
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import zone_of
from loyalty.kernel.errors import Malformed, Refused
from loyalty.staff.queries import person_behind, store, stores
from loyalty.tasks import queries, service
from loyalty.tasks.forms import NewTaskForm
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.queries import WORK
from loyalty.tasks.rules import ByHand
from loyalty.web.formats import day_text
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

UNREADABLE, CONFLICT = 422, 409


@blueprint.get("/tasks/new")
@guard(WORK)
def new() -> ResponseReturnValue:
    """Show the form for a follow-up, for the customer of the address if it names one."""
    return _page(empty(customer=request.args.get("customer", ""), key=secrets.token_urlsafe(12)))


@blueprint.post("/tasks/new")
@guard(WORK)
def arrange() -> ResponseReturnValue:
    """Arrange the follow-up; sent twice, it is there once."""
    filled = load(NewTaskForm, request.form)
    if not filled.ok:
        return _page(filled), UNREADABLE
    try:
        asked = _asked(filled)
        service.open_by_hand(asked, now=request_now(), by=current_actor())
    except Malformed as problem:
        told = {name: [say_line(line) for line in lines] for name, lines in problem.errors.items()}
        return _page(Filled({}, told, filled.typed)), UNREADABLE
    except Refused as refused:
        return _page(filled, say(refused.sentence, refused.details)), CONFLICT
    notify(_("The follow-up is arranged for %(day)s.", day=day_text(asked.day)))
    return redirect(url_for("customers.whole", customer_id=asked.customer_id), 303)


def _asked(filled: Filled) -> ByHand:
    actor = current_actor()
    values = filled.values
    customer_id = _customer(values["customer"], actor.scope("customers.read"))
    known = found_customer(customer_id, actor.scope("customers.read"))
    store_id = known.home_store_id
    scope = actor.scope(WORK)
    if store_id is None or not scope.covers(store_id):
        own = stores(scope)
        store_id = own[0].id if own else 0
    zone = store(store_id, scope).zone
    at = None
    if values["time"] is not None:
        at = datetime.combine(values["day"], time.fromisoformat(values["time"]), zone_of(zone))
    return ByHand(customer_id, values["note"], values["day"], store_id, values["key"], values["owner"], at)


def _customer(told: str, scope: Scope) -> int:
    """Return the one customer that a number, name, phone or plate leads to; malformed when it is none or several."""
    number = ids_by_number([told.upper()]).get(told.upper())
    if number is not None and customers_by_ids([number], scope):
        return number
    hits = find(told, scope, limit=2).customers
    if len(hits) != 1:
        raise Malformed({"customer": ["Enter a customer number, or a phone or plate that only one customer has."]})
    return hits[0].customer.id


def _page(filled: Filled, refusal: str | None = None) -> str:
    actor = current_actor()
    return render_template(
        "tasks/new.html",
        filled=filled,
        refusal=refusal,
        mine=person_behind(actor),
        colleagues=queries.colleagues(queries.days_of(actor.scope(WORK), request_now()), request_now()),
    )
