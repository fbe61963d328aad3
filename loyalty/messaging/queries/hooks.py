"""Webhooks out, and their deliveries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select, text

from loyalty.kernel.crypto import unseal
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.messaging.models import HookAttempt, HookDelivery, WebHook
from loyalty.messaging.rules.hooks import UnknownDelivery, UnknownHook

_DUE = text("""
    SELECT h.id FROM web_hooks AS h WHERE NOT h.paused AND EXISTS (
        SELECT FROM hook_deliveries AS d WHERE d.channel = CAST(h.id AS text) AND d.state = 'due'
        AND d.next_at <= statement_timestamp())
    ORDER BY h.id
""")
_LAPSED = text(
    "SELECT EXISTS (SELECT FROM hook_deliveries WHERE state = 'sending' AND lease_until < statement_timestamp())"
)


@dataclass(frozen=True, slots=True)
class HookView:
    """A webhook; its secret is never among what is read."""

    id: int
    name: str
    url: str
    kinds: list[str]
    paused: bool
    created_at: datetime
    created_by: str

    @property
    def host(self) -> str:
        """The name of the receiver."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event on its way to one receiver; `problem` says what the last try came to."""

    hook_id: int
    id: int
    event_id: UUID
    kind: str
    body: str
    state: str
    attempts: int
    problem: str | None
    created_at: datetime
    next_at: datetime
    ended_at: datetime | None


_COLUMNS = (
    HookDelivery.hook_id,
    HookDelivery.id,
    HookDelivery.event_id,
    HookDelivery.kind,
    HookDelivery.body,
    HookDelivery.state,
    HookDelivery.attempts,
    HookDelivery.problem,
    HookDelivery.created_at,
    HookDelivery.next_at,
    HookDelivery.ended_at,
)


def hooks() -> list[HookView]:
    """Return the webhooks, by number."""
    return [_hook(row) for row in db.session.scalars(select(WebHook).order_by(WebHook.id))]


def hook(hook_id: int) -> HookView:
    """Return a webhook; UnknownHook."""
    row = db.session.get(WebHook, hook_id, populate_existing=True)
    if row is None:
        raise UnknownHook(webhook=hook_id)
    return _hook(row)


def hook_secret(hook_id: int) -> str:
    """Return the secret by which the events of a webhook are signed."""
    sealed = db.session.execute(select(WebHook.secret_sealed).where(WebHook.id == hook_id)).scalar_one()
    return unseal(bytes(sealed), place=secret_place(hook_id))


def secret_place(hook_id: int) -> str:
    """Return the place for which a secret is sealed."""
    return f"web_hooks.secret_sealed:{hook_id}"


def hooks_for(kinds: Collection[str]) -> list[HookView]:
    """Return the webhooks that are told of any of these kinds, paused ones included: theirs wait."""
    return [view for view in hooks() if set(view.kinds) & set(kinds)]


def hook_counts() -> dict[int, dict[str, int]]:
    """Return for each webhook how many of its deliveries are in which state."""
    counted = select(HookDelivery.hook_id, HookDelivery.state, func.count()).group_by(
        HookDelivery.hook_id, HookDelivery.state
    )
    told: dict[int, dict[str, int]] = {}
    for hook_id, state, count in db.session.execute(counted):
        told.setdefault(hook_id, {})[state] = count
    return told


def deliveries(hook_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[DeliveryView]:
    """Return the deliveries of a webhook, the latest first."""
    chosen = select(*_COLUMNS).where(HookDelivery.hook_id == hook_id)
    if cursor:
        (last_id,) = decode_cursor(cursor, (int,))
        chosen = chosen.where(HookDelivery.id < last_id)
    rows = db.session.execute(chosen.order_by(HookDelivery.id.desc()).limit(limit + 1))
    views = [DeliveryView(*row) for row in rows]
    return Page(views[:limit], encode_cursor([views[limit - 1].id]) if len(views) > limit else None)


def delivery(hook_id: int, delivery_id: int) -> DeliveryView:
    """Return one delivery of a webhook; UnknownDelivery."""
    mine = (HookDelivery.hook_id == hook_id, HookDelivery.id == delivery_id)
    for row in db.session.execute(select(*_COLUMNS).where(*mine)):
        return DeliveryView(*row)
    raise UnknownDelivery(delivery=delivery_id)


def delivery_bodies(hook_id: int, ids: Collection[int]) -> dict[int, DeliveryView]:
    """Return deliveries of a webhook by id."""
    mine = (HookDelivery.hook_id == hook_id, HookDelivery.id.in_(ids))
    return {row.id: DeliveryView(*row) for row in db.session.execute(select(*_COLUMNS).where(*mine))}


def delivery_attempts(hook_id: int, delivery_id: int) -> list[Any]:
    """Return the tries of a delivery, in order."""
    mine = select(HookAttempt).where(HookAttempt.hook_id == hook_id, HookAttempt.delivery_id == delivery_id)
    return list(db.session.scalars(mine.order_by(HookAttempt.number)))


def hooks_due() -> list[int]:
    """Return the webhooks with deliveries that are due, by number."""
    return list(db.session.scalars(_DUE))


def hook_sweeps_due() -> list[int]:
    """Return [1] when the lease of a delivery ran out, else nothing."""
    return [1] if db.session.scalar(_LAPSED) else []


def _hook(row: WebHook) -> HookView:
    return HookView(row.id, row.name, row.url, list(row.kinds), row.paused, row.created_at, row.created_by)
