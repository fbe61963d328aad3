"""Requests for a second person, for programs: a token decides as the person who answers for it."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext

from loyalty.approvals import queries, service
from loyalty.approvals.queries import DECIDE, READ, ApprovalView, Filter
from loyalty.approvals.rules import Named, Preview, kind_of
from loyalty.approvals.schemas import (
    ApprovalAnswer,
    ApprovalList,
    ApprovalsQuery,
    ApproveBody,
    DecisionAnswer,
    NoteBody,
)
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Refused
from loyalty.kernel.paging import page_size
from loyalty.staff.queries import store_by_code
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.errors import plain_details
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.languages import say
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "approvals",
    __name__,
    url_prefix="/approvals",
    description="What needs a second person: asked by one, approved or returned by another.",
)


@operations.get("")
@guard(READ)
@operations.arguments(ApprovalsQuery, location="query")
@operations.response(200, ApprovalList)
def list_approvals(asked: dict[str, Any]) -> dict[str, Any]:
    """List requests by state (waiting unless told otherwise), kind and store."""
    scope = current_actor().scope(READ)
    wanted = Filter(
        state=None if asked["state"] == "all" else asked["state"],
        kind=asked["kind"],
        store_id=None if asked["store"] is None else store_by_code(asked["store"], scope).id,
    )
    page = queries.listed(wanted, scope, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    names = queries.names(page.items)
    return {"items": [_json(view, names[view.id]) for view in page.items], "next_cursor": page.next_cursor}


@operations.get("/<int:approval_id>")
@guard(READ)
@operations.response(200, ApprovalAnswer)
def read_approval(approval_id: int) -> dict[str, Any]:
    """Read a request with the effect of a yes now."""
    view = queries.approval(approval_id, current_actor().scope(READ))
    answer: dict[str, Any] = {"approval": _one(view), "effect_now": None, "refused": None}
    if view.waiting:
        try:
            answer["effect_now"] = _effect(queries.preview(view, request_now()))
        except Refused as problem:
            answer["refused"] = {"code": problem.code, "message": say(problem.sentence, problem.details)}
    return answer


@operations.post("/<int:approval_id>:approve")
@guard(DECIDE)
@operations.takes_key
@operations.arguments(ApproveBody)
@operations.response(200, DecisionAnswer)
def approve(asked: dict[str, Any], approval_id: int) -> dict[str, Any]:
    """Carry a request out; refused to who asked, once it is decided, and when `seen` is another effect than now's."""

    def work() -> list[Effect]:
        return service.approve(approval_id, seen=asked["seen"], **_how())

    return _once("approve", approval_id, work)


@operations.post("/<int:approval_id>:return")
@guard(DECIDE)
@operations.takes_key
@operations.arguments(NoteBody)
@operations.response(200, DecisionAnswer)
def send_back(asked: dict[str, Any], approval_id: int) -> dict[str, Any]:
    """Return a request to who asked, with a note; refused to who asked, and once it is decided."""

    def work() -> list[Effect]:
        service.send_back(approval_id, asked["note"], **_how())
        return []

    return _once("return", approval_id, work)


@operations.post("/<int:approval_id>:withdraw")
@guard(DECIDE)
@operations.takes_key
@operations.response(200, DecisionAnswer)
def withdraw(approval_id: int) -> dict[str, Any]:
    """Take back a request of the person who answers for the token."""

    def work() -> list[Effect]:
        service.withdraw(approval_id, **_how())
        return []

    return _once("withdraw", approval_id, work)


def _how() -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(DECIDE), "now": request_now(), "by": actor}


def _once(move: str, approval_id: int, work: Callable[[], list[Effect]]) -> dict[str, Any]:
    """Return the request with what the decision changed; of these the key keeps the effects, which name nobody."""
    body = request.get_json(silent=True)
    done = answer_once(f"approvals.{move}:{approval_id}", body, lambda: {"effects": effects_json(work())})
    view = queries.approval(approval_id, current_actor().scope(DECIDE))
    return {"approval": _one(view), **done}


def _one(view: ApprovalView) -> dict[str, Any]:
    return _json(view, queries.names([view])[view.id])


def _json(view: ApprovalView, named: Named) -> dict[str, Any]:
    asked = view.request
    return {
        "id": view.id,
        "kind": asked.kind,
        "title": gettext(kind_of(asked.kind).title),
        "about": say(named.sentence, named.numbers),
        "reason": asked.body.get("reason"),
        "store": view.store_code,
        "state": view.state,
        "asked_by": asked.asked_name,
        "asked_at": asked.asked_at.isoformat(),
        "effect_when_asked": _effect(view.effect),
        "decided_by": view.decided_name,
        "decided_at": None if view.decided_at is None else view.decided_at.isoformat(),
        "note": view.note,
        "outcome": None if view.outcome is None else effects_json(view.outcome),
    }


def _effect(effect: Preview) -> dict[str, Any]:
    figures = [
        {"label": gettext(one.label), **plain_details({"before": one.before, "after": one.after})}
        for one in effect.figures
    ]
    return {"effects": effects_json(effect.effects), "figures": figures, "seen": effect.fingerprint}
