"""Webhooks out for programs."""

from typing import Any

from loyalty.kernel.paging import page_size
from loyalty.messaging import queries, service
from loyalty.messaging.queries import DeliveryView, HookView
from loyalty.messaging.rules.hooks import EVENT_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from loyalty.messaging.schemas import (
    ChangedHookBody,
    HookBody,
    HookDeliveryBody,
    HookDeliveryPage,
    HookList,
    HookSecretBody,
    NewHookBody,
    PageQuery,
)
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

READ, MANAGE = "webhooks.read", "webhooks.manage"

operations = ApiBlueprint(
    "webhooks",
    __name__,
    url_prefix="/webhooks",
    description="Events that are sent to other systems: POST of JSON with the id in "
    f"`{EVENT_HEADER}`, Unix seconds in `{TIMESTAMP_HEADER}`, and in `{SIGNATURE_HEADER}` `sha256=` with HMAC-SHA256 "
    "in hexadecimal, under the webhook's secret, over the timestamp, a full stop and the raw body. Any status of 200 "
    "to 299 takes an event over, 410 ends it, others are tried again. The same event may come again under its id.",
)


@operations.get("")
@guard(READ)
@operations.response(200, HookList)
def list_hooks() -> dict[str, Any]:
    """List the webhooks."""
    return {"items": [_json(view) for view in queries.hooks()]}


@operations.post("")
@guard(MANAGE)
@operations.arguments(NewHookBody)
@operations.response(201, HookSecretBody)
def create_hook(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a webhook; its secret is in this answer alone."""
    hook_id, secret = service.create_hook(now=request_now(), by=current_actor(), **asked)
    return {"webhook": _json(queries.hook(hook_id)), "secret": secret}


@operations.put("/<int:hook_id>")
@guard(MANAGE)
@operations.arguments(ChangedHookBody)
@operations.response(200, HookBody)
def change_hook(asked: dict[str, Any], hook_id: int) -> dict[str, Any]:
    """Change a webhook, pause it or let it go on."""
    service.change_hook(hook_id, now=request_now(), by=current_actor(), **asked)
    return _json(queries.hook(hook_id))


@operations.get("/<int:hook_id>/deliveries")
@guard(READ)
@operations.arguments(PageQuery, location="query")
@operations.response(200, HookDeliveryPage)
def list_deliveries(asked: dict[str, Any], hook_id: int) -> dict[str, Any]:
    """List what a webhook got or is to get, the latest first."""
    queries.hook(hook_id)
    page = queries.deliveries(hook_id, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    return {"items": [_delivery(view) for view in page.items], "next_cursor": page.next_cursor}


@operations.post("/<int:hook_id>/deliveries/<int:delivery_id>:replay")
@guard(MANAGE)
@operations.takes_key
@operations.response(200, HookDeliveryBody)
def replay_delivery(hook_id: int, delivery_id: int) -> dict[str, Any]:
    """Send an event once more, under its own id, as a new delivery."""
    actor = current_actor()

    def work() -> dict[str, Any]:
        made = service.replay(hook_id, delivery_id, now=request_now(), by=actor)
        return _delivery(queries.delivery(hook_id, made))

    return answer_once("webhooks.replay", {"hook": hook_id, "delivery": delivery_id}, work)


def _json(view: HookView) -> dict[str, Any]:
    return {"id": view.id, "name": view.name, "url": view.url, "kinds": view.kinds, "paused": view.paused}


def _delivery(view: DeliveryView) -> dict[str, Any]:
    return {
        "id": view.id,
        "event": str(view.event_id),
        "kind": view.kind,
        "state": view.state,
        "attempts": view.attempts,
        "problem": view.problem,
        "created_at": view.created_at.isoformat(),
        "ended_at": None if view.ended_at is None else view.ended_at.isoformat(),
    }
