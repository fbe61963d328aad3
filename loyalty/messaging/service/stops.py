"""Addresses that take nothing, under the blind indexes by which their owners are found."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.customers.events import AddressReindexed
from loyalty.kernel.db import batch, transaction

_FOLLOW = text("""
    INSERT INTO address_stops (kind, blind, reason, at, source)
    SELECT a.kind, c.after, a.reason, a.at, a.source
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS c (kind text, before bytea, after bytea)
    JOIN address_stops AS a ON a.kind = c.kind AND a.blind = c.before
    ON CONFLICT DO NOTHING
""")


def follow_addresses(changes: Sequence[AddressReindexed]) -> None:
    """Let what was said about addresses count under their new indexes too."""
    with transaction() as session:
        rows = [{"kind": one.kind, "before": one.before, "after": one.after} for one in changes]
        session.execute(_FOLLOW, {"rows": batch(rows)})
