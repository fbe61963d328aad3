"""Webhooks made, changed and paused; events published to them, and replayed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, text

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import new_token, seal
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.messaging import outlets, queries
from loyalty.messaging.models import HookDelivery, WebHook
from loyalty.messaging.queries.hooks import HookView, secret_place
from loyalty.messaging.rules import ENDED
from loyalty.messaging.rules.hooks import KEPT, StillOnItsWay, check_kinds, check_url
from loyalty.messaging.service import hook_outbox
from loyalty.messaging.service.sending import drain_by
from loyalty.staff.service import AuditEntry, record_audit

PREFIX = "whout_"
LONGEST_NAME = 60

_AGAIN = text("""
    INSERT INTO hook_deliveries (hook_id, channel, next_at, event_id, kind, body, created_at)
    SELECT hook_id, channel, CAST(:now AS timestamptz), event_id, kind, body, CAST(:now AS timestamptz)
    FROM hook_deliveries WHERE hook_id = :hook_id AND id = :id RETURNING id
""")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that other systems may be told: its kind and facts in JSON's types, which name nobody."""

    kind: str
    facts: Mapping[str, Any]


def create_hook(*, name: str, url: str, kinds: Sequence[str], now: datetime, by: Actor) -> tuple[int, str]:
    """Return the number of a new webhook and its secret, which is kept sealed and never shown again."""
    values = {"name": _name(name), "url": check_url(url), "kinds": check_kinds(list(kinds))}
    with transaction() as session:
        row = WebHook(**values, secret_sealed=b"", created_at=now, created_by=by.name)
        session.add(row)
        session.flush()
        secret = _renew(row)
        record_audit([AuditEntry("webhook.created", "webhook", row.id, by, now, after=values)])
        return row.id, secret


def change_hook(
    hook_id: int, *, name: str, url: str, kinds: Sequence[str], paused: bool, now: datetime, by: Actor
) -> None:
    """Change what a webhook is told of and where, or pause it: what is due waits meanwhile."""
    values = {"name": _name(name), "url": check_url(url), "kinds": check_kinds(list(kinds)), "paused": paused}
    queries.hook(hook_id)
    with transaction() as session:
        row = session.get_one(WebHook, hook_id, with_for_update=True, populate_existing=True)
        before = {field: getattr(row, field) for field in values}
        for field, value in values.items():
            setattr(row, field, value)
        record_audit([AuditEntry("webhook.changed", "webhook", hook_id, by, now, before=before, after=values)])


def rotate_hook(hook_id: int, *, now: datetime, by: Actor) -> str:
    """Return a new secret; from now on events are signed by it alone."""
    queries.hook(hook_id)
    with transaction() as session:
        row = session.get_one(WebHook, hook_id, with_for_update=True, populate_existing=True)
        record_audit([AuditEntry("webhook.secret_rotated", "webhook", hook_id, by, now)])
        return _renew(row)


def _renew(row: WebHook) -> str:
    secret = PREFIX + new_token()
    row.secret_sealed = seal(secret, place=secret_place(row.id))
    return secret


def _name(name: str) -> str:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Malformed({"name": ["Write a name of 1 to 60 characters."]})
    return name.strip()


def publish(events: Sequence[NewEvent], *, now: datetime) -> int:
    """Plan the delivery of events to every system that asked for their kinds, in the caller's transaction."""
    hooks = queries.hooks_for({event.kind for event in events}) if events else []
    rows = [_delivery(hook, event, now) for event in events for hook in hooks if event.kind in hook.kinds]
    if rows:
        with transaction() as session:
            session.execute(insert(HookDelivery), rows)
    return len(rows)


def _delivery(hook: HookView, event: NewEvent, now: datetime) -> dict[str, Any]:
    event_id = uuid4()
    body = {"id": str(event_id), "kind": event.kind, "at": now.isoformat(), "data": dict(event.facts)}
    return {
        "hook_id": hook.id,
        "channel": str(hook.id),
        "state": "due",
        "next_at": now,
        "event_id": event_id,
        "kind": event.kind,
        "body": json.dumps(body, ensure_ascii=False),
        "created_at": now,
    }


def replay(hook_id: int, delivery_id: int, *, now: datetime, by: Actor) -> int:
    """Send an event once more, under its own id, as a new delivery; return its number. Refused: StillOnItsWay."""
    view = queries.delivery(hook_id, delivery_id)
    if view.state not in ENDED and view.state != "unknown":
        raise StillOnItsWay
    with transaction() as session:
        made: int = session.execute(_AGAIN, {"hook_id": hook_id, "id": delivery_id, "now": now}).scalar_one()
        after = {"delivery": delivery_id, "again": made}
        record_audit([AuditEntry("webhook.replayed", "webhook", hook_id, by, now, after=after)])
        return made


def deliver(hook_id: int) -> int:
    """Send what is due for one webhook; return how many deliveries were handed over."""
    view = queries.hook(hook_id)
    carrier = outlets.hook_carrier(view.url, queries.hook_secret(hook_id))
    return drain_by(hook_outbox, str(hook_id), carrier)


def sweep_deliveries(now: datetime, *, dry_run: bool) -> int:
    """Delete deliveries that came to an end long ago, with their tries; return how many."""
    gone = HookDelivery.ended_at <= now - KEPT
    with transaction() as session:
        if dry_run:
            return session.scalar(select(func.count()).select_from(HookDelivery).where(gone)) or 0
        return len(session.scalars(delete(HookDelivery).where(gone).returning(HookDelivery.id)).all())
