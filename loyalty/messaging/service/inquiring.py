"""Unclear messages whose provider can tell what became of them: asked, so that nobody has to look them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries import standing_for
from loyalty.customers.rules import masked
from loyalty.customers.sealed import readable_identifier
from loyalty.kernel.db import batch, database_now, transaction
from loyalty.messaging import outlets, queries
from loyalty.messaging.ports import Fate, Inquiry
from loyalty.messaging.rules import CALL_SECONDS, CHANNELS, FIRST_ASKED, IDENTIFIERS, LONGEST_DETAIL, after_inquiry
from loyalty.messaging.service.outbox import BY, announce_ends

MOST = 50
HELD = timedelta(minutes=15)
"""How long nobody else asks: longer than a batch of calls lasts."""

_CLAIM = text("""
    WITH due AS (
        SELECT m.customer_id, m.id, m.attempts, coalesce(i.times, 0) + 1 AS times
        FROM messages AS m LEFT JOIN message_inquiries AS i ON i.customer_id = m.customer_id AND i.message_id = m.id
        WHERE m.state = 'unknown' AND m.channel = :channel AND (i.next_at <= statement_timestamp()
            OR (i.message_id IS NULL AND m.ended_at <= statement_timestamp() - CAST(:first AS interval)))
        ORDER BY m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED
    ), noted AS (
        INSERT INTO message_inquiries AS i (customer_id, message_id, times, asked_at, next_at)
        SELECT customer_id, id, times, clock_timestamp(), clock_timestamp() + CAST(:held AS interval) FROM due
        ON CONFLICT (customer_id, message_id)
            DO UPDATE SET times = excluded.times, asked_at = excluded.asked_at, next_at = excluded.next_at
    )
    SELECT due.customer_id, due.id, due.times, a.handed_at, a.shown FROM due
    JOIN message_attempts AS a
        ON a.customer_id = due.customer_id AND a.message_id = due.id AND a.number = due.attempts
    ORDER BY due.id
""")
# Whoever settled it meanwhile, a person or a receipt, is not overruled.
_RECORD = text("""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            customer_id bigint, id bigint, said text, detail text, state text, pause double precision)
    ), noted AS (
        UPDATE message_inquiries AS i SET said = told.said, detail = told.detail,
            next_at = CASE WHEN told.pause IS NOT NULL THEN clock_timestamp() + make_interval(secs => told.pause) END
        FROM told WHERE i.customer_id = told.customer_id AND i.message_id = told.id
    ), settled AS (
        UPDATE messages AS m SET state = told.state, problem = CASE WHEN told.state = 'failed' THEN
            CASE told.said WHEN 'not_listed' THEN 'not_listed' ELSE coalesce(told.detail, 'not_delivered') END END
        FROM told WHERE m.customer_id = told.customer_id AND m.id = told.id AND m.state = 'unknown'
            AND told.state IS NOT NULL
        RETURNING m.customer_id, m.id, m.state, m.channel, m.about_kind, m.about_id, m.ended_at, told.said, told.detail
    ), kept AS (
        INSERT INTO message_receipts (customer_id, message_id, kind, source, at, detail, by_name)
        SELECT customer_id, id, CASE said WHEN 'not_listed' THEN 'not_sent' ELSE said END, 'provider',
            clock_timestamp(), detail, :by
        FROM settled ON CONFLICT DO NOTHING
    )
    SELECT * FROM settled
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to be asked about; `inquiry` None when its address is not known any more."""

    customer_id: int
    id: int
    times: int
    handed_at: datetime
    inquiry: Inquiry | None


def inquiries_due() -> list[int]:
    """Return the numbers of the channels whose provider can be asked about a message now."""
    asked = queries.unclear_on(outlets.telling())
    return [CHANNELS.index(channel) for channel in CHANNELS if channel in asked]


def inquire(channel: str) -> int:
    """Ask the provider of a channel what became of unclear messages, and settle them; return how many were asked about.

    Nothing is sent, so that asking twice does no harm; a process that is killed leaves the rest to be asked later.
    """
    teller = outlets.teller_of(channel)
    if teller is None:
        return 0
    asked = _claim(channel)
    for one in asked:
        fate = Fate("no_address") if one.inquiry is None else teller.look_up(one.inquiry, seconds=CALL_SECONDS)
        _record(one, fate)
    return len(asked)


def _claim(channel: str) -> list[Asked]:
    with transaction() as session:
        values = {"channel": channel, "first": FIRST_ASKED, "held": HELD, "most": MOST}
        rows = session.execute(_CLAIM, values).all()
        standing = standing_for({row.customer_id for row in rows})
        kind = IDENTIFIERS[channel] or ""
        known = queries.addresses(kind, {*standing.keys(), *standing.values()})
        return [_asked(row, kind, known, (row.customer_id, standing[row.customer_id])) for row in rows]


def _asked(row: Any, kind: str, known: queries.Addresses, holders: Sequence[int]) -> Asked:
    """Return what to ask: the address is the one that is shown as the attempt says, whoever stands for its customer."""
    inquiry = None
    for holder in holders:
        for sealed in known.get(holder, ()):
            address = readable_identifier(holder, sealed)
            if masked(kind, address) == row.shown:
                inquiry = Inquiry(f"m{row.id}", address, row.handed_at)
    return Asked(row.customer_id, row.id, row.times, row.handed_at, inquiry)


def _record(one: Asked, fate: Fate) -> None:
    with transaction() as session:
        now = database_now()
        settled = after_inquiry(fate.said, times=one.times, since=now - one.handed_at)
        row = {
            "customer_id": one.customer_id,
            "id": one.id,
            "said": fate.said,
            "detail": None if fate.detail is None else fate.detail[:LONGEST_DETAIL],
            "state": settled.state,
            "pause": None if settled.pause is None else settled.pause.total_seconds(),
        }
        told = session.execute(_RECORD, {"rows": batch([row]), "by": BY.name}).all()
        announce_ends(told, now=now)
