"""Suspending, resuming and closing a membership."""

from typing import Any

from flask import request

from loyalty.kernel.errors import Malformed
from loyalty.membership import service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.api.members import one_member
from loyalty.membership.schemas import MemberAnswer, StateBody
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now


@operations.post("/<number>/state")
@guard("members.enrol")
@operations.takes_key
@operations.arguments(StateBody)
@operations.response(200, MemberAnswer)
def change_state(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Suspend (points are earned but not used), resume or close a membership; a reason is needed but to resume."""
    if asked["move"] != "resume" and not asked["reason"]:
        raise Malformed({"reason": ["Say why; the reason is kept with the membership."]})
    actor, scope = current_actor(), current_actor().scope("members.enrol")

    def work() -> dict[str, Any]:
        how: dict[str, Any] = {"scope": scope, "now": request_now(), "by": actor}
        if asked["move"] == "resume":
            effects = service.resume(number, **how)
        else:
            move = service.suspend if asked["move"] == "suspend" else service.close
            effects = move(number, asked["reason"], **how)
        return {"member": one_member(number), "effects": effects_json(effects)}

    return answer_once(f"members.state:{number}", request.get_json(), work)
