"""What is known of unclear messages before their provider is asked about them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text

from loyalty.kernel.db import db, id_array
from loyalty.messaging.rules import FIRST_ASKED

Addresses = Mapping[int, Sequence[bytes]]
"""Sealed addresses by the customer who has them."""

_UNCLEAR = text("""
    SELECT DISTINCT m.channel
    FROM messages AS m LEFT JOIN message_inquiries AS i ON i.customer_id = m.customer_id AND i.message_id = m.id
    WHERE m.state = 'unknown' AND m.channel = ANY (:channels) AND (i.next_at <= statement_timestamp()
        OR (i.message_id IS NULL AND m.ended_at <= statement_timestamp() - CAST(:first AS interval)))
""")
_ADDRESSES = text("""
    SELECT customer_id, sealed FROM identifiers
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND kind = :kind AND sealed IS NOT NULL ORDER BY customer_id, id
""")


def unclear_on(channels: Collection[str]) -> set[str]:
    """Return those of the channels with a message whose provider is to be asked now."""
    if not channels:
        return set()
    return set(db.session.scalars(_UNCLEAR, {"channels": sorted(channels), "first": FIRST_ASKED}))


def addresses(kind: str, customer_ids: Collection[int]) -> Addresses:
    """Return the addresses of one kind that customers have."""
    found: dict[int, list[bytes]] = {}
    for row in db.session.execute(_ADDRESSES, {"ids": id_array(sorted(customer_ids)), "kind": kind}):
        found.setdefault(row.customer_id, []).append(bytes(row.sealed))
    return found
