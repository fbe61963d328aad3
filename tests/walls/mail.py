"""Messages for the walls: in each store one that waits, one that is unclear, one that was not sent, and a reply."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.messaging.queries import deliveries
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.sealed import opt_out_token
from loyalty.messaging.service import (
    Incoming,
    NewEvent,
    TemplateDraft,
    create_hook,
    ensure_templates,
    plan,
    publish,
    receive_reply,
    save_draft,
)

TEXTS = {"zh_Hans_CN": {"text": "您好"}, "en": {"text": "Hello"}}
BODY = {"texts": {"sms": TEXTS}}


def hooks(now) -> dict[str, int]:
    """Write a receiver and something that it got; return what addresses name."""
    hook_id, _ = create_hook(name="CRM", url="https://crm.example/", kinds=["message.ended"], now=now, by=SYSTEM)
    publish([NewEvent("message.ended", {})], now=now)
    delivery = deliveries(hook_id).items[0].id
    db.session.execute(text("UPDATE hook_deliveries SET state = 'failed' WHERE id = :id"), {"id": delivery})
    return {"hook_id": hook_id, "delivery_id": delivery}


def text_draft(now) -> str:
    """Write a draft of a template; return its name."""
    save_draft(TemplateDraft("walls-draft", "Draft", "service", BODY), after=0, edition=0, now=now, by=SYSTEM)
    return "walls-draft"


def letters(side: str, customer_id: int, phone: str, now) -> dict[str, Mapping[str, Any]]:
    """Write the messages of one side; return what addresses name."""
    ensure_templates([TemplateDraft("walls", "Walls", "service", BODY)], now=now)
    due = now + timedelta(days=900)
    states = ("due", "unknown", "failed")
    messages = [NewMessage(f"walls:{side}:{state}", customer_id, "walls", due, channel="sms") for state in states]
    ids = plan(messages, now=now, by=SYSTEM).ids
    for state in states:
        db.session.execute(
            text("UPDATE messages SET state = :state WHERE id = :id"),
            {"state": state, "id": ids[f"walls:{side}:{state}"]},
        )
    incoming = Incoming("sms", f"walls-{side}", phone, "几点开门？", now)
    reply = receive_reply(incoming, now=now, by=SYSTEM).reply_id
    return {
        **{f"{state} message": {"message_id": ids[f"walls:{side}:{state}"]} for state in states},
        "reply": {"reply_id": reply},
        "opt-out link": {"token": opt_out_token(customer_id)},
    }
