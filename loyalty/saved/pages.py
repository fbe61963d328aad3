"""Saved filters above the lists of staff, and their short addresses."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.actor import NOTHING, Actor, Scope
from loyalty.kernel.errors import Malformed, Refused
from loyalty.saved import queries, service
from loyalty.saved.queries import FilterView
from loyalty.saved.rules import LISTS, PASSING
from loyalty.staff.queries import person_behind, store, stores
from loyalty.web.guards import signed_in
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import actor_or_none, current_actor, request_now
from loyalty.web.texts import row_number

blueprint = Blueprint("saved", __name__, url_prefix="/staff/filters", template_folder="templates")

READS = {"tasks": "tasks.read", "customers": "customers.read", "messages": "messages.read"}
_CODES = {address: code for code, address in LISTS.items()}


@blueprint.get("/<int:number>")
@signed_in
def follow(number: int) -> ResponseReturnValue:
    """Lead to the list with this filter: the short address of it."""
    return redirect(queries.saved_filter(number, _me(), _stores(current_actor())).address)


@blueprint.post("")
@signed_in
def save() -> ResponseReturnValue:
    """Save the filter that the list shows."""
    actor = current_actor()
    scope = _stores(actor)
    asked = dict(parse_qsl(request.form.get("query", "")))
    code = request.form.get("list", "")
    shared = row_number(request.form.get("store", ""))
    back = LISTS.get(code, "/staff/")
    try:
        store_id = None if shared is None else store(shared, scope).id
        about: dict[str, Any] = {"store_id": store_id, "account_id": _me(), "scope": scope, "now": request_now()}
        one = service.save_filter(code, request.form.get("name", ""), asked, **about)
    except Malformed as problem:
        notify(" ".join(say_line(line) for lines in problem.errors.values() for line in lines), tone="over")
        return redirect(back, 303)
    except Refused as refused:
        notify(say(refused.sentence, refused.details), tone="over")
        return redirect(back, 303)
    notify(_("The filter is saved as “%(name)s”.", name=one.name))
    return redirect(one.address, 303)


@blueprint.post("/<int:number>/choose")
@signed_in
def choose(number: int) -> ResponseReturnValue:
    """Let the list open with this filter, or no longer."""
    chosen = request.form.get("chosen") == "1"
    one = service.choose_filter(number, chosen=chosen, account_id=_me(), scope=_stores(current_actor()))
    notify(_("The list opens with “%(name)s”.", name=one.name) if chosen else _("The list opens without a filter."))
    return redirect(one.address, 303)


@blueprint.post("/<int:number>/remove")
@signed_in
def remove(number: int) -> ResponseReturnValue:
    """Remove it."""
    try:
        one = service.remove_filter(number, account_id=_me(), scope=_stores(current_actor()))
    except Refused as refused:
        notify(say(refused.sentence, refused.details), tone="over")
        return redirect(url_for("saved.follow", number=number), 303)
    notify(_("The filter “%(name)s” is removed.", name=one.name))
    return redirect(f"{LISTS[one.list]}?saved=none", 303)


@blueprint.before_app_request
def open_with_the_usual() -> ResponseReturnValue | None:
    """Open a list that is asked for without any words with the filter that the person chose for it."""
    code = _CODES.get(request.path)
    if code is None or request.method != "GET" or request.args:
        return None
    actor = actor_or_none()
    if actor is None or not actor.may(READS[code]) or person_behind(actor) is None:
        return None
    usual = next((one for one in _filters(code, actor) if one.usual), None)
    return None if usual is None else redirect(usual.address)


@blueprint.app_template_global()
def saved_filters(code: str) -> list[FilterView]:
    """Return the filters of a list for whoever reads the page."""
    actor = current_actor()
    return [] if person_behind(actor) is None else _filters(code, actor)


@blueprint.app_template_global()
def own_stores() -> list[tuple[int, str]]:
    """Return the stores that the reader may share a filter with."""
    return [(one.id, one.name) for one in stores(_stores(current_actor()))]


@blueprint.app_template_global()
def filter_words() -> str:
    """Return the filter of this address as it would be saved; empty when there is none."""
    kept = {name: value for name, value in request.args.items() if value and name not in PASSING}
    return urlencode(kept)


def _filters(code: str, actor: Actor) -> list[FilterView]:
    """Return the filters of a list for whoever reads this page; they are asked for once a request."""
    known: dict[str, list[FilterView]] = g.setdefault("saved_filters", {})
    if code not in known:
        known[code] = queries.filters(code, person_behind(actor) or 0, _stores(actor))
    return known[code]


def _stores(actor: Actor) -> Scope:
    """Return the stores in which the actor reads any of the lists."""
    found: set[int] = set()
    for permission in READS.values():
        if not actor.may(permission):
            continue
        scope = actor.scope(permission)
        if scope.stores is None:
            return scope
        found |= scope.stores
    return Scope(stores=frozenset(found)) if found else NOTHING


def _me() -> int:
    return person_behind(current_actor()) or 0
