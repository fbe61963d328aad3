"""The list of members."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.customers.queries import find
from loyalty.kernel.actor import Scope
from loyalty.membership import queries
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.rules import STATES, id_of_number, number_of, shown
from loyalty.staff.queries import store_by_code, stores
from loyalty.staff.service import record_export
from loyalty.web.guards import guard
from loyalty.web.languages import html_language
from loyalty.web.limits import limited
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS, MOST_ROWS, send_sheet

FILTERS = ("q", "store", "level", "state")
STATE_TITLES = {"prospect": "Invited", "active": "Membership active", "suspended": "Suspended", "closed": "Closed"}


@blueprint.get("")
@guard("members.read")
def index() -> ResponseReturnValue:
    """List members by store, level and state; a member number opens the member at once."""
    scope = current_actor().scope("members.read")
    text = _typed()
    found = id_of_number(text)
    if found:
        return redirect(url_for("members.show", number=number_of(found)))
    page = queries.listed(_wanted(scope), scope, cursor=request.args.get("cursor"))
    levels = queries.levels(request_now())
    return render_template(
        "membership/index.html",
        page=page,
        filtered=any(request.args.get(name) for name in FILTERS),
        stores=[(store.code, store.name) for store in stores(scope)],
        levels=levels,
        named={level.code: level for level in levels},
        states=STATES,
        text=text,
    )


@blueprint.get("/export.xlsx")
@guard("exports.run", fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export() -> ResponseReturnValue:
    """Send what the filter of the address finds, as an Excel file."""
    actor, now = current_actor(), request_now()
    actor.require("members.read")
    scope = actor.scope("members.read")
    asked = {name: request.args.get(name, "") for name in FILTERS}
    record_export("members", asked, now=now, by=actor)
    named = {level.code: level.name["zh" if html_language() == "zh-CN" else "en"] for level in queries.levels(now)}
    rows = (
        [
            row.name,
            shown(row.number),
            named.get(row.level_code or "", row.level_code),
            row.available,
            row.store,
            row.joined_day,
            _(STATE_TITLES[row.state]),
        ]
        for row in queries.every(_wanted(scope), scope, most=MOST_ROWS)
    )
    titles = [_("Member"), _("Number"), _("Level"), _("Points"), _("Store"), _("Joined"), _("State")]
    return send_sheet("members", titles, rows)


def _typed() -> str:
    return request.args.get("q", "").strip()


def _wanted(scope: Scope) -> queries.Filter:
    """Return what the address asks for; a store outside the scope is not found."""
    text, code, state = _typed(), request.args.get("store"), request.args.get("state")
    return queries.Filter(
        store_id=store_by_code(code, scope).id if code else None,
        level_code=request.args.get("level") or None,
        state=state if state in STATES else None,
        customer_ids=tuple(hit.customer.id for hit in find(text, scope).customers) if text else None,
    )
