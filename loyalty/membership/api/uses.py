"""Redeeming, giving back, adjusting and transferring points."""

from typing import Any

from flask import request

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import Money
from loyalty.membership import queries, service
from loyalty.membership.api.blueprint import operations
from loyalty.membership.rules import Use, check_past
from loyalty.membership.schemas import AdjustmentBody, ReceiptAnswer, RedemptionBody, ReturnBody, TransferBody
from loyalty.points.rules import Receipt
from loyalty.staff.queries import store, store_by_code
from loyalty.web.api import answer_once
from loyalty.web.guards import guard
from loyalty.web.json_fields import effects_json
from loyalty.web.requests import current_actor, request_now


@operations.post("/<number>/redemptions")
@guard("points.redeem")
@operations.takes_key
@operations.arguments(RedemptionBody)
@operations.response(200, ReceiptAnswer)
def redeem(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Use points; with dry_run answer exactly what the call would do, and do nothing."""
    actor, now, scope = current_actor(), request_now(), current_actor().scope("points.redeem")
    use = _use(asked, number, "points.redeem")

    def work() -> dict[str, Any]:
        return _json(service.redeem(use, scope=scope, now=now, by=actor, dry_run=asked["dry_run"]), asked)

    return answer_once(f"members.redeem:{number}", request.get_json(), work, dry_run=asked["dry_run"])


@operations.post("/<number>/redemptions/<key>:return")
@guard("points.redeem")
@operations.takes_key
@operations.arguments(ReturnBody)
@operations.response(200, ReceiptAnswer)
def return_redemption(asked: dict[str, Any], number: str, key: str) -> dict[str, Any]:
    """Give back points of a redemption to where they came from."""
    actor, now, scope = current_actor(), request_now(), current_actor().scope("points.redeem")
    use = _use(asked, number, "points.redeem")

    def work() -> dict[str, Any]:
        receipt = service.return_redemption(
            use,
            key,
            dealer_fault=asked["dealer_fault"],
            scope=scope,
            now=now,
            by=actor,
            dry_run=asked["dry_run"],
        )
        return _json(receipt, asked)

    return answer_once(f"members.return:{number}:{key}", request.get_json(), work, dry_run=asked["dry_run"])


@operations.post("/<number>/adjustments")
@guard("points.adjust")
@operations.takes_key
@operations.arguments(AdjustmentBody)
@operations.response(200, ReceiptAnswer)
def adjust(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Add points, or take them by a number below 0; refused above the limit for one person."""
    if asked["points"] == 0:
        raise Malformed({"points": ["An adjustment is not 0."]})
    actor, now, scope = current_actor(), request_now(), current_actor().scope("points.adjust")
    use = _use(asked, number, "points.adjust")

    def work() -> dict[str, Any]:
        return _json(service.adjust(use, scope=scope, now=now, by=actor, dry_run=asked["dry_run"]), asked)

    return answer_once(f"members.adjust:{number}", request.get_json(), work, dry_run=asked["dry_run"])


@operations.post("/<number>/transfers")
@guard("points.transfer")
@operations.takes_key
@operations.arguments(TransferBody)
@operations.response(200, ReceiptAnswer)
def transfer(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Move points to another member; each part keeps its age and end."""
    actor, now, scope = current_actor(), request_now(), current_actor().scope("points.transfer")
    use = _use(asked, number, "points.transfer")

    def work() -> dict[str, Any]:
        receipt = service.transfer(use, asked["to"], scope=scope, now=now, by=actor, dry_run=asked["dry_run"])
        return _json(receipt, asked)

    return answer_once(f"members.transfer:{number}", request.get_json(), work, dry_run=asked["dry_run"])


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
