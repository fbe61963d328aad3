"""The page of approvals: what waits, each with its effect now, and what was decided."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.approvals import queries, service
from loyalty.approvals.forms import ApproveForm, ReturnForm
from loyalty.approvals.queries import DECIDE, READ, ApprovalView, Filter
from loyalty.approvals.rules import STATES, WAITING, kind_of, kinds
from loyalty.approvals.words import STATES as STATE_WORDS
from loyalty.approvals.words import TONES
from loyalty.kernel.errors import Refused
from loyalty.staff.queries import person_behind, store_by_code, stores, stores_by_ids
from loyalty.staff.service import record_export
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard, require_proof
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS, MOST_ROWS, send_sheet

blueprint = Blueprint("approvals", __name__, url_prefix="/staff/approvals", template_folder="templates")

EVERY = "all"
UNREADABLE, CONFLICT = 422, 409


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List requests by kind, store and state: those that wait unless told otherwise."""
    scope = current_actor().scope(READ)
    page = queries.listed(_wanted(), scope, cursor=request.args.get("cursor"))
    return render_template(
        "approvals/index.html",
        page=page,
        names=queries.names(page.items),
        present=queries.present(page.items, request_now()),
        kinds=kinds(),
        stores=[(store.code, store.name) for store in stores(scope)],
        state=_state(),
        every=EVERY,
        mine=person_behind(current_actor()),
        words=STATE_WORDS,
        tones=TONES,
    )


@blueprint.get("/export.xlsx")
@guard("exports.run", fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export() -> ResponseReturnValue:
    """Send what the filter of the address finds, as an Excel file."""
    actor = current_actor()
    actor.require(READ)
    found = list(queries.every(_wanted(), actor.scope(READ), most=MOST_ROWS))
    record_export("approvals", request.args.to_dict(), now=request_now(), by=actor)
    columns = [
        _("Request number"),
        _("Kind"),
        _("About"),
        _("Store"),
        _("State"),
        _("Effect"),
        _("Asked by"),
        _("Asked at"),
    ]
    return send_sheet("approvals", [*columns, _("Decided by"), _("Decided at"), _("Note")], _rows(found))


@blueprint.get("/<int:approval_id>")
@guard(READ)
def show(approval_id: int) -> ResponseReturnValue:
    """Show a request with the effect that a yes has now, and how it was decided."""
    return _page(queries.approval(approval_id, current_actor().scope(READ)), empty())


@blueprint.post("/<int:approval_id>/approve")
@guard(DECIDE)
def approve(approval_id: int) -> ResponseReturnValue:
    """Carry a request out, if its effect is still the one that the page showed."""
    view = queries.approval(approval_id, current_actor().scope(DECIDE))
    if kind_of(view.request.kind).fresh:
        require_proof()
    filled = load(ApproveForm, request.form)

    def decide(**how: Any) -> str:
        effects = service.approve(approval_id, seen=filled.values["seen"], **how)
        told = " ".join(say(effect.sentence, effect.numbers) for effect in effects)
        return told or _("The request is approved.")

    return _decided(approval_id, filled, decide)


@blueprint.post("/<int:approval_id>/return")
@guard(DECIDE)
def send_back(approval_id: int) -> ResponseReturnValue:
    """Return a request to who asked, with a note."""
    filled = load(ReturnForm, request.form)

    def decide(**how: Any) -> str:
        service.send_back(approval_id, filled.values["note"], **how)
        return str(_("The request is returned."))

    return _decided(approval_id, filled, decide)


@blueprint.post("/<int:approval_id>/withdraw")
@guard(DECIDE)
def withdraw(approval_id: int) -> ResponseReturnValue:
    """Take back a request of one's own."""

    def decide(**how: Any) -> str:
        service.withdraw(approval_id, **how)
        return str(_("The request is withdrawn."))

    return _decided(approval_id, empty(), decide)


def _decided(approval_id: int, filled: Filled, decide: Callable[..., str]) -> ResponseReturnValue:
    actor = current_actor()
    scope = actor.scope(DECIDE)
    if not filled.ok:
        return _page(queries.approval(approval_id, scope), filled), UNREADABLE
    try:
        told = decide(scope=scope, now=request_now(), by=actor)
    except Refused as refused:
        return _page(queries.approval(approval_id, scope), filled, refused), CONFLICT
    notify(told)
    return redirect(url_for("approvals.index"), 303)


def _page(view: ApprovalView, filled: Filled, refused: Refused | None = None) -> str:
    actor, kind = current_actor(), kind_of(view.request.kind)
    if view.request.store_id is not None:
        g.zone = stores_by_ids([view.request.store_id])[view.request.store_id].zone
    effect, against = None, None
    if view.waiting:
        try:
            effect = queries.preview(view, request_now())
        except Refused as problem:
            against = problem
    return render_template(
        "approvals/show.html",
        view=view,
        named=queries.names([view])[view.id],
        kind=kind,
        effect=effect,
        against=against,
        own=view.request.asked_by == person_behind(actor),
        decides=actor.may(kind.permission) and actor.scope(kind.permission).covers(view.request.store_id),
        filled=filled,
        refused=refused,
        words=STATE_WORDS,
        tones=TONES,
    )


def _state() -> str:
    asked = request.args.get("state")
    return asked if asked in {*STATES, EVERY} else WAITING


def _wanted() -> Filter:
    code, kind = request.args.get("store"), request.args.get("kind")
    return Filter(
        state=None if _state() == EVERY else _state(),
        kind=kind or None,
        store_id=store_by_code(code, current_actor().scope(READ)).id if code else None,
    )


def _rows(found: list[ApprovalView]) -> Iterator[list[Any]]:
    names = queries.names(found)
    for view in found:
        effects = view.effect.effects if view.outcome is None else view.outcome
        asked, named = view.request, names[view.id]
        yield [
            view.id,
            _(kind_of(asked.kind).title),
            say(named.sentence, named.numbers),
            view.store or _("All stores"),
            STATE_WORDS[view.state],
            " ".join(say(effect.sentence, effect.numbers) for effect in effects),
            asked.asked_name,
            asked.asked_at,
            view.decided_name,
            view.decided_at,
            view.note,
        ]
