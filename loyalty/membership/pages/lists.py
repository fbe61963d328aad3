"""The list of members."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from loyalty.customers.queries import find
from loyalty.membership import queries
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.rules import STATES, id_of_number, number_of
from loyalty.staff.queries import store_by_code, stores
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now


@blueprint.get("")
@guard("members.read")
def index() -> ResponseReturnValue:
    """List members by store, level and state; a member number opens the member at once."""
    scope = current_actor().scope("members.read")
    text = request.args.get("q", "").strip()
    found = id_of_number(text)
    if found:
        return redirect(url_for("members.show", number=number_of(found)))
    code, level, state = (request.args.get(name) or None for name in ("store", "level", "state"))
    wanted = queries.Filter(
        store_id=store_by_code(code, scope).id if code else None,
        level_code=level,
        state=state if state in STATES else None,
        customer_ids=tuple(hit.customer.id for hit in find(text, scope).customers) if text else None,
    )
    page = queries.listed(wanted, scope, cursor=request.args.get("cursor"))
    levels = queries.levels(request_now())
    return render_template(
        "membership/index.html",
        page=page,
        filtered=any((text, code, level, state)),
        stores=[(store.code, store.name) for store in stores(scope)],
        levels=levels,
        named={level.code: level for level in levels},
        states=STATES,
        text=text,
    )
