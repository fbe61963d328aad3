"""What people answer: a word of refusal ends offers at once, anything else is read by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from loyalty.customers.rules import CONSENT_TEXT, ConsentGiven, masked, normal_identifier
from loyalty.customers.sealed import blinds
from loyalty.customers.service import record_consents
from loyalty.kernel.actor import EVERYTHING, Actor, Scope
from loyalty.kernel.crypto import seal
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.kernel.events import announce
from loyalty.messaging import queries
from loyalty.messaging.events import OptedOut, ReplyArrived, ReplyHandled
from loyalty.messaging.models import AddressStop, Reply
from loyalty.messaging.rules import CHANNELS, IDENTIFIERS, LONGEST_REPLY, opts_out
from loyalty.messaging.sealed import customer_of_token, reply_place
from loyalty.staff.service import AuditEntry, record_audit

STOPPED_BY = {"sms": ("sms", "phone"), "email": ("email",), "wechat": ("wechat",), "inbox": ()}
"""What a refusal on a channel ends: one by SMS ends calls too."""
BY_LINK = ("sms", "phone", "email", "wechat")

_HANDLE = text("""
    UPDATE message_replies SET handled_at = :now, handled_by = :by, note = :note
    WHERE id = :id AND handled_at IS NULL RETURNING about_customer_id
""")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a reply; `customer_ids` have the address, `repeated` says that it was known already."""

    reply_id: int
    opted_out: bool
    customer_ids: tuple[int, ...]
    repeated: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """A reply as a provider tells it; `provider_id` is what makes it one."""

    channel: str
    provider_id: str
    address: str
    text: str
    received_at: datetime


def receive_reply(incoming: Incoming, *, now: datetime, by: Actor) -> Received:
    """Take a reply, once: a word of refusal withdraws offers for everybody with that address, in this transaction."""
    kind = _check(incoming)
    address = normal_identifier(kind, incoming.address)
    refuses = opts_out(incoming.text)
    with transaction() as session:
        marks = blinds(kind, address)
        ids = queries.customers_at(kind, marks)
        about = queries.last_written_to(ids, incoming.channel)
        values = {
            "channel": incoming.channel,
            "provider_id": incoming.provider_id,
            "shown": masked(kind, address),
            "text_sealed": seal(incoming.text, place=reply_place(incoming.channel, incoming.provider_id)),
            "opted_out": refuses,
            "about_customer_id": about,
            "received_at": incoming.received_at,
        }
        reply_id: int | None = session.scalar(insert(Reply).values(values).on_conflict_do_nothing().returning(Reply.id))
        if reply_id is None:
            known = queries.reply_by_provider(incoming.channel, incoming.provider_id)
            return Received(known.id, known.opted_out, tuple(ids), repeated=True)
        if refuses:
            stop = {"kind": kind, "reason": "opted_out", "at": now, "source": f"reply {reply_id}"}
            stops = [{**stop, "blind": mark} for mark in marks]
            session.execute(insert(AddressStop).values(stops).on_conflict_do_nothing())
            opt_out(ids, STOPPED_BY[incoming.channel], proof=f"reply {reply_id}", now=now, by=by)
        else:
            announce([ReplyArrived(reply_id, about, incoming.channel, incoming.received_at)], now=now, by=by)
        return Received(reply_id, refuses, tuple(ids), repeated=False)


def _check(incoming: Incoming) -> str:
    kind = IDENTIFIERS.get(incoming.channel) if incoming.channel in CHANNELS else None
    if kind is None:
        raise Malformed({"channel": ["Choose sms, email or wechat."]})
    if not 0 < len(incoming.provider_id) <= LONGEST_ID:
        raise Malformed({"id": ["The provider's id has 1 to 100 characters."]})
    if len(incoming.text) > LONGEST_REPLY:
        raise Malformed({"text": ["A reply has at most 2,000 characters."]})
    return kind


LONGEST_ID = 100


def opt_out(customer_ids: Sequence[int], channels: Sequence[str], *, proof: str, now: datetime, by: Actor) -> None:
    """Withdraw the agreement to offers by these channels, whether it was ever given or not."""
    given = [
        ConsentGiven("marketing", channel, granted=False, at=now, text_version=CONSENT_TEXT, proof=proof)
        for channel in channels
    ]
    with transaction():
        for customer_id in sorted(customer_ids):
            record_consents(customer_id, given, scope=EVERYTHING, now=now, by=by)
        announce([OptedOut(at, tuple(channels), now) for at in sorted(customer_ids)], now=now, by=by)


def opt_out_by_link(token: str, *, now: datetime) -> bool:
    """Withdraw the agreement to offers of whoever has this link; return False when it is nobody's link."""
    customer_id = customer_of_token(token)
    standing = queries.stands_for(customer_id) if customer_id is not None else None
    if standing is None:
        return False
    by = Actor("owner", None, "opt-out link", customer_id=standing)
    opt_out([standing], BY_LINK, proof="link of a message", now=now, by=by)
    return True


def handle_reply(reply_id: int, *, note: str, scope: Scope, now: datetime, by: Actor) -> None:
    """Write that somebody has read a reply and what was done; ReplyNotFound outside the scope. Once."""
    queries.reply(reply_id, scope)
    with transaction() as session:
        values = {"id": reply_id, "now": now, "by": by.name, "note": note.strip()[:500] or None}
        row = session.execute(_HANDLE, values).one_or_none()
        if row is not None:
            entry = AuditEntry("reply.handled", "message_reply", reply_id, by, now, row.about_customer_id)
            record_audit([entry])
            announce([ReplyHandled(reply_id, row.about_customer_id, now)], now=now, by=by)
