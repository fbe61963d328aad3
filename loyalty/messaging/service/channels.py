"""Channels paused, opened again, and given a rate."""

from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries
from loyalty.messaging.rules import CHANNELS
from loyalty.staff.service import AuditEntry, record_audit

LARGEST_RATE = 100_000

_TAKE = text("""
    UPDATE message_channels SET minute = date_trunc('minute', statement_timestamp()), taken = :taken
    WHERE channel = :channel
""")
_SET = text("""
    INSERT INTO message_channels (channel, per_minute, paused_at, paused_by)
    VALUES (:channel, :per_minute, :paused_at, :paused_by)
    ON CONFLICT (channel) DO UPDATE SET per_minute = excluded.per_minute,
        paused_at = CASE WHEN excluded.paused_at IS NULL THEN NULL
            ELSE coalesce(message_channels.paused_at, excluded.paused_at) END,
        paused_by = CASE WHEN excluded.paused_at IS NULL THEN NULL
            ELSE coalesce(message_channels.paused_by, excluded.paused_by) END
""")


def take_allowance(channel: str, most: int) -> int:
    """Return how many messages may be claimed now, at most `most`, and count them against the channel's minute."""
    known = queries.lock_channel(channel)
    if known is None:
        return most
    per_minute, paused, taken = known
    if paused:
        return 0
    if per_minute is None:
        return most
    allowed = max(0, min(most, per_minute - taken))
    db.session.execute(_TAKE, {"channel": channel, "taken": taken + allowed})
    return allowed


def set_channel(channel: str, *, per_minute: int | None, paused: bool, now: datetime, by: Actor) -> None:
    """Give a channel a rate (None: none), and pause it or let it go on; what is due waits meanwhile."""
    if channel not in CHANNELS:
        raise Malformed({"channel": ["There is no such channel."]})
    if per_minute is not None and not 1 <= per_minute <= LARGEST_RATE:
        raise Malformed({"per_minute": ["Write a whole number from 1 to 100,000, or leave it empty."]})
    values = {
        "channel": channel,
        "per_minute": per_minute,
        "paused_at": now if paused else None,
        "paused_by": by.name if paused else None,
    }
    with transaction() as session:
        session.execute(_SET, values)
        after = {"channel": channel, "per_minute": per_minute, "paused": paused}
        record_audit([AuditEntry("message_channel.set", "message_channel", None, by, now, after=after)])
