"""Messages for programs: planned, listed, cancelled, settled and sent again."""

from datetime import datetime
from typing import Any

from loyalty.customers.queries import customer, ids_by_number
from loyalty.customers.rules import CustomerNotFound, customer_number
from loyalty.kernel.paging import page_size
from loyalty.messaging import queries, service
from loyalty.messaging.queries import Filter, MessageView
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.schemas import (
    MessageBody,
    MessagePage,
    MessagesQuery,
    NewMessageBody,
    PlannedBody,
    SettleBody,
)
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

READ, SEND = "messages.read", "messages.send"

operations = ApiBlueprint(
    "messages", __name__, url_prefix="/messages", description="Messages to customers, from the plan to the receipt."
)


@operations.get("")
@guard(READ)
@operations.arguments(MessagesQuery, location="query")
@operations.response(200, MessagePage)
def list_messages(asked: dict[str, Any]) -> dict[str, Any]:
    """List messages, those planned for the latest moment first."""
    scope = current_actor().scope(READ)
    customer_id = None if asked["customer"] is None else _customer(asked["customer"], READ)
    wanted = Filter(state=asked["state"], channel=asked["channel"], purpose=asked["purpose"], customer_id=customer_id)
    page = queries.messages(wanted, scope, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    return {"items": [_json(view) for view in page.items], "next_cursor": page.next_cursor}


@operations.get("/<int:message_id>")
@guard(READ)
@operations.response(200, MessageBody)
def read_message(message_id: int) -> dict[str, Any]:
    """Read a message."""
    return _json(queries.message(message_id, current_actor().scope(READ)))


@operations.post("")
@guard(SEND)
@operations.arguments(NewMessageBody)
@operations.response(201, PlannedBody)
def plan_message(asked: dict[str, Any]) -> dict[str, Any]:
    """Plan a message. It goes out when it is due, and when the gate lets it through at that moment."""
    actor, now = current_actor(), request_now()
    key = f"api:{actor.id}:{asked['key']}"
    message = NewMessage(
        key,
        _customer(asked["customer"], SEND),
        asked["template"],
        asked["due_at"] or now,
        asked["variables"],
        channel=asked["channel"],
        not_after=asked["not_after"],
    )
    planned = service.plan([message], now=now, by=actor)
    view = queries.message(planned.ids[key], actor.scope(SEND))
    return {"message": _json(view), "repeated": key not in planned.new}


@operations.post("/<int:message_id>:cancel")
@guard(SEND)
@operations.takes_key
@operations.response(200, MessageBody)
def cancel_message(message_id: int) -> dict[str, Any]:
    """Cancel a message that waits."""
    return _acted("cancel", message_id, service.cancel_message)


@operations.post("/<int:message_id>:resend")
@guard(SEND)
@operations.takes_key
@operations.response(200, MessageBody)
def resend_message(message_id: int) -> dict[str, Any]:
    """Plan the same text as a new message, which names this one; the answer is the new one."""
    return _acted("resend", message_id, service.resend)


@operations.post("/<int:message_id>:settle")
@guard(SEND)
@operations.takes_key
@operations.arguments(SettleBody)
@operations.response(200, MessageBody)
def settle_message(asked: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Write down whether an unclear message was sent, with the evidence."""
    return _acted("settle", message_id, service.settle, **asked)


def _acted(name: str, message_id: int, act: Any, **more: Any) -> dict[str, Any]:
    actor = current_actor()
    scope = actor.scope(SEND)

    def work() -> dict[str, Any]:
        made = act(message_id, scope=scope, now=request_now(), by=actor, **more)
        return _json(queries.message(made or message_id, scope))

    return answer_once(f"messages.{name}", {"message": message_id, **more}, work)


def _customer(number: str, permission: str) -> int:
    found = ids_by_number([number])
    if number not in found:
        raise CustomerNotFound(customer=number)
    customer(found[number], current_actor().scope(permission))
    return found[number]


def _json(view: MessageView) -> dict[str, Any]:
    return {
        "id": view.id,
        "customer": customer_number(view.customer_id),
        "template": view.template,
        "version": view.number,
        "purpose": view.purpose,
        "channel": view.channel,
        "state": view.state,
        "reason": view.rule,
        "due_at": _written(view.due_at),
        "next_at": _written(view.next_at),
        "not_after": _written(view.not_after),
        "ended_at": _written(view.ended_at),
        "attempts": view.attempts,
        "reference": view.reference,
        "resends": view.resends_id,
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
