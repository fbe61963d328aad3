"""Redeeming, giving back, adjusting and transferring points."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import Money
from loyalty.membership import queries, service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.rules import AdjustmentAboveLimit, Use, check_past
from loyalty.membership.schemas import (
    AdjustmentBody,
    ReceiptAnswer,
    RedemptionBody,
    ReturnBody,
    TransferBody,
    WaitingAnswer,
)
from loyalty.points.rules import Receipt
from loyalty.staff.queries import store, store_by_code
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.limits import USES_BY_PROGRAM, limited
from loyalty.web.requests import current_actor, request_now

ACCEPTED = 202


@operations.post("/<number>/redemptions")
@guard("points.redeem")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(RedemptionBody)
@operations.response(200, ReceiptAnswer)
def redeem(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Use points; with dry_run answer exactly what the call would do, and do nothing."""
    return booked(asked, number, "points.redeem", "members.redeem", service.redeem)


@operations.post("/<number>/redemptions/<key>:return")
@guard("points.redeem")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(ReturnBody)
@operations.response(200, ReceiptAnswer)
def return_redemption(asked: dict[str, Any], number: str, key: str) -> dict[str, Any]:
    """Give back points of a redemption to where they came from."""

    def give_back(use: Use, **how: Any) -> Receipt:
        return service.return_redemption(use, key, dealer_fault=asked["dealer_fault"], **how)

    return booked(asked, number, "points.redeem", "members.return", give_back, after=f":{key}")


@operations.post("/<number>/adjustments")
@guard("points.adjust")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(AdjustmentBody)
@operations.response(200, ReceiptAnswer)
@operations.alt_response(ACCEPTED, schema=WaitingAnswer, description="Above the limit: waits for a second person.")
def adjust(asked: dict[str, Any], number: str) -> dict[str, Any] | Response:
    """Add points, or take them by a number below 0.

    Above the limit for one person it is refused; with `ask` it then waits for a second person in the approvals.
    """
    if asked["points"] == 0:
        raise Malformed({"points": ["An adjustment is not 0."]})
    use, how = _use(asked, number, "points.adjust"), _how("points.adjust")

    def work() -> dict[str, Any]:
        try:
            return _json(service.adjust(use, **how, dry_run=asked["dry_run"]), asked)
        except AdjustmentAboveLimit:
            if not asked["ask"]:
                raise
        effects = service.would_adjust(use, **how).effects
        waits = None if asked["dry_run"] else service.ask_to_adjust(use, **how)
        return {"approval": waits, "dry_run": asked["dry_run"], "effects_once_approved": effects_json(effects)}

    answer = answer_once(f"members.adjust:{number}", request.get_json(), work, dry_run=asked["dry_run"])
    return make_response(answer, ACCEPTED) if "approval" in answer else answer


@operations.post("/<number>/transfers")
@guard("points.transfer")
@limited(USES_BY_PROGRAM, scope="uses", each=True)
@operations.takes_key
@operations.arguments(TransferBody)
@operations.response(200, ReceiptAnswer)
def transfer(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Move points to another member; each part keeps its age and end."""

    def give(use: Use, **how: Any) -> Receipt:
        return service.transfer(use, asked["to"], **how)

    return booked(asked, number, "points.transfer", "members.transfer", give)


def booked(
    asked: dict[str, Any],
    number: str,
    permission: str,
    operation: str,
    book: Callable[..., Receipt],
    *,
    after: str = "",
) -> dict[str, Any]:
    """Answer with the receipt of what `book` does, once for the key of this request."""
    use, how = _use(asked, number, permission), _how(permission)

    def work() -> dict[str, Any]:
        return _json(book(use, **how, dry_run=asked["dry_run"]), asked)

    return answer_once(f"{operation}:{number}{after}", request.get_json(), work, dry_run=asked["dry_run"])


def _how(permission: str) -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(permission), "now": request_now(), "by": actor}


def _use(asked: dict[str, Any], number: str, permission: str) -> Use:
    """Return what is asked of the ledger; a store outside the actor's and another currency than the store's refused."""
    check_past(asked["occurred_at"], now=request_now())
    scope = current_actor().scope(permission)
    at = None if asked["store"] is None else store_by_code(asked["store"], scope)
    order: Money | None = asked.get("order")
    if order is not None:
        place = at or store(queries.member(number, scope).store_id, scope)
        if order.currency != place.currency:
            raise Malformed({"order": ["The order is not in the currency of the store."]})
    return Use(
        number=number,
        points=asked["points"],
        reason=asked["reason"],
        store_id=None if at is None else at.id,
        document=asked["document"],
        order_minor=None if order is None else order.minor,
        occurred_at=asked["occurred_at"],
    )


def _json(receipt: Receipt, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": receipt.key,
        "points": receipt.points,
        "dry_run": asked["dry_run"],
        "balance": {
            "available": receipt.available,
            "pending": receipt.pending,
            "held": receipt.held,
            "debt": receipt.debt,
        },
        "effects": effects_json(receipt.effects),
    }
