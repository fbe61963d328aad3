"""Replies, and who has the address that they came from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text

from loyalty.customers.models import Customer
from loyalty.customers.queries import standing_for, visible
from loyalty.kernel.actor import Scope
from loyalty.kernel.crypto import readable
from loyalty.kernel.db import db, id_array
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.messaging.models import Reply
from loyalty.messaging.rules import ReplyNotFound
from loyalty.messaging.sealed import reply_place

_AT = text("""
    SELECT DISTINCT i.customer_id FROM identifiers AS i JOIN customers AS c ON c.id = i.customer_id
    WHERE i.kind = :kind AND i.blind = ANY (:blinds) AND c.state IN ('prospect', 'active') ORDER BY i.customer_id
""")
_LAST = text("""
    SELECT customer_id FROM messages
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND channel = :channel AND handed_at IS NOT NULL
    ORDER BY handed_at DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply for reading; `text` is None when it was erased, `customer_id` None when nobody has the address."""

    id: int
    channel: str
    shown: str
    text: str | None
    opted_out: bool
    customer_id: int | None
    customer_name: str | None
    received_at: datetime
    handled_at: datetime | None
    handled_by: str | None
    note: str | None


def customers_at(kind: str, blinds: Collection[bytes]) -> list[int]:
    """Return the open customers with an address that is found by one of these indexes, by id."""
    return list(db.session.scalars(_AT, {"kind": kind, "blinds": list(blinds)}))


def last_written_to(customer_ids: Collection[int], channel: str) -> int | None:
    """Return which of the customers was written to last by a channel; the first where none was, None of nobody."""
    if not customer_ids:
        return None
    found: int | None = db.session.scalar(_LAST, {"ids": id_array(customer_ids), "channel": channel})
    return found if found is not None else min(customer_ids)


def stands_for(customer_id: int) -> int | None:
    """Return who stands for a customer since merges, or None when there is no such customer."""
    return standing_for([customer_id]).get(customer_id)


def reply_by_provider(channel: str, provider_id: str) -> Reply:
    """Return the reply that a provider told under this id."""
    return db.session.scalars(select(Reply).filter_by(channel=channel, provider_id=provider_id)).one()


def replies(scope: Scope, *, open_only: bool, cursor: str | None = None, limit: int = 50) -> Page[ReplyView]:
    """Return replies of customers in the scope, the latest first; those of nobody only to who sees all stores."""
    chosen = _columns(scope)
    if open_only:
        chosen = chosen.where(Reply.handled_at.is_(None), ~Reply.opted_out)
    if cursor:
        (last_id,) = decode_cursor(cursor, (int,))
        chosen = chosen.where(Reply.id < last_id)
    rows = list(db.session.execute(chosen.order_by(Reply.id.desc()).limit(limit + 1)))
    views = [_view(row) for row in rows]
    return Page(views[:limit], encode_cursor([views[limit - 1].id]) if len(views) > limit else None)


def reply(reply_id: int, scope: Scope) -> ReplyView:
    """Return a reply; ReplyNotFound when there is none, or its customer lies outside the scope."""
    for row in db.session.execute(_columns(scope).where(Reply.id == reply_id)):
        return _view(row)
    raise ReplyNotFound


def _columns(scope: Scope) -> Any:
    chosen = select(Reply, Customer.name).outerjoin(Customer, Customer.id == Reply.about_customer_id)
    if scope.stores is None and scope.customer_id is None:
        return chosen.where(or_(Reply.about_customer_id.is_(None), visible(scope)))
    return chosen.where(visible(scope))


def _view(row: Any) -> ReplyView:
    one: Reply = row[0]
    place = reply_place(one.channel, one.provider_id)
    said = None if one.text_sealed is None else readable(bytes(one.text_sealed), place=place)
    return ReplyView(
        one.id,
        one.channel,
        one.shown,
        said,
        one.opted_out,
        one.about_customer_id,
        row[1],
        one.received_at,
        one.handled_at,
        one.handled_by,
        one.note,
    )
