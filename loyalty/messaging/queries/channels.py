"""Channels: which are paused, how many messages a minute they take, and what is due on each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.db import db
from loyalty.kernel.measures import Measure
from loyalty.messaging.rules import CHANNELS

# Only a channel with a rate has a row that drains share; the others are not counted at all.
_STATE = text("""
    SELECT per_minute, paused_at IS NOT NULL AS paused,
        CASE WHEN minute = date_trunc('minute', statement_timestamp()) THEN taken ELSE 0 END AS taken
    FROM message_channels WHERE channel = :channel FOR UPDATE
""")
_LIST = text("""
    SELECT c.channel, s.per_minute, s.paused_at, s.paused_by,
        (SELECT count(*) FROM (SELECT FROM messages WHERE state = 'due' AND messages.channel = c.channel
            AND next_at <= statement_timestamp() LIMIT 10000) AS due) AS due,
        (SELECT min(next_at) FROM messages WHERE state = 'due' AND messages.channel = c.channel) AS oldest
    FROM unnest(CAST(:channels AS text[])) WITH ORDINALITY AS c (channel, place)
    LEFT JOIN message_channels AS s ON s.channel = c.channel ORDER BY c.place
""")
_DUE = text("""
    SELECT c.place - 1 AS number, (
        SELECT count(*) FROM (SELECT FROM messages WHERE state = 'due' AND messages.channel = c.channel
            AND next_at <= statement_timestamp() LIMIT :most) AS due) AS due
    FROM unnest(CAST(:channels AS text[])) WITH ORDINALITY AS c (channel, place)
    WHERE NOT EXISTS (SELECT FROM message_channels AS s WHERE s.channel = c.channel AND s.paused_at IS NOT NULL)
""")
_LAPSED = text("""
    SELECT EXISTS (SELECT FROM messages WHERE state = 'sending' AND lease_until < statement_timestamp())
        OR EXISTS (SELECT FROM messages WHERE state = 'due' AND not_after < statement_timestamp())
        OR EXISTS (SELECT FROM messages AS m JOIN message_attempts AS a
            ON a.customer_id = m.customer_id AND a.message_id = m.id AND a.number = m.attempts
            WHERE m.state = 'unknown' AND a.outcome IN ('accepted', 'refused', 'busy', 'not_called'))
""")
_FIGURES = text("""
    SELECT
        (SELECT extract(epoch FROM clock_timestamp() - min(next_at)) FROM messages WHERE state = 'due'
            AND next_at <= statement_timestamp()) AS waiting,
        (SELECT count(*) FROM messages WHERE state = 'unknown') AS unknown,
        (SELECT count(*) FROM messages WHERE state = 'sending') AS claimed
""")
FOR_ONE_HAND = 2_000
MOST_HANDS = 8
HANDS = 10  # the number of a drain is its channel's, and ten times which hand it is


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel: its rate (None: none), since when and by whom it is paused, and what is due by now."""

    channel: str
    per_minute: int | None
    paused_at: datetime | None
    paused_by: str | None
    due: int
    oldest: datetime | None


def lock_channel(channel: str) -> tuple[int | None, bool, int] | None:
    """Return the rate, whether it is paused, and what this minute took of a channel, locked; None without a row."""
    row = db.session.execute(_STATE, {"channel": channel}).one_or_none()
    return None if row is None else (row.per_minute, row.paused, row.taken)


def channels() -> list[ChannelView]:
    """Return all channels and how they stand; what is due is counted no further than 10,000."""
    return [ChannelView(*row) for row in db.session.execute(_LIST, {"channels": list(CHANNELS)})]


def drains_due() -> list[int]:
    """Return the drains to ring for: one for each channel with due messages, more for each further 2,000 of them."""
    values = {"channels": list(CHANNELS), "most": FOR_ONE_HAND * MOST_HANDS}
    return [
        row.number + HANDS * hand
        for row in db.session.execute(_DUE, values)
        for hand in range(-(-row.due // FOR_ONE_HAND))
    ]


def sweeps_due() -> list[int]:
    """Return [1] when a lease ran out, a message is too late or an answer came late, else nothing."""
    return [1] if db.session.scalar(_LAPSED) else []


def message_measures() -> list[Measure]:
    """Return how long the oldest due message waits, how many are unknown, and how many are in somebody's hands."""
    row = db.session.execute(_FIGURES).one()
    return [
        Measure("loyalty_messages_waiting_seconds", "Since when the oldest message is due.", float(row.waiting or 0)),
        Measure("loyalty_messages_unknown", "Messages of which nobody knows whether they were sent.", row.unknown),
        Measure("loyalty_messages_claimed", "Messages in somebody's hands now.", row.claimed),
    ]
