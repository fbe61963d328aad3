"""Levels set by hand: asked by one person, in force once another approves the request."""

from typing import Any

from flask import request

from loyalty.approvals.queries import waiting_about
from loyalty.membership import queries, service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.schemas import FloorBody, FloorList, FloorWaiting
from loyalty.tiers.queries import floors
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now


@operations.get("/<number>/floors")
@guard("members.read")
@operations.response(200, FloorList)
def list_floors(number: str) -> dict[str, Any]:
    """List the levels set by hand that were approved, the latest first, and the request that waits."""
    member = queries.member(number, current_actor().scope("members.read"))
    waiting = waiting_about(service.LEVELS.code, member.customer_id)
    return {
        "items": [
            {
                "id": one.id,
                "level": one.level_code,
                "until": one.until_day,
                "reason": one.reason,
                "asked_by": one.setter_name,
                "asked_at": one.set_at,
                "approved_by": one.approver_name,
                "approved_at": one.approved_at,
            }
            for one in floors(member.customer_id)
            if one.approved_at is not None
        ],
        "waiting": None if waiting is None else waiting.id,
    }


@operations.post("/<number>/floors")
@guard("tiers.set")
@operations.takes_key
@operations.arguments(FloorBody)
@operations.response(202, FloorWaiting)
def ask_for_floor(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Ask for a level below which the member does not fall through a day; another person decides in the approvals."""
    actor, scope = current_actor(), current_actor().scope("tiers.set")

    def work() -> dict[str, Any]:
        waits = service.ask_for_level(
            number,
            asked["level"],
            until=asked["until"],
            reason=asked["reason"],
            scope=scope,
            now=request_now(),
            by=actor,
        )
        return {"approval": waits}

    return answer_once(f"members.floor:{number}", request.get_json(), work)
