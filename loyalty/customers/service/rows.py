"""The set-based statements that identifiers and search keys are written with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers.rules import search_keys, tail
from loyalty.customers.sealed import blind, seal_identifier


@dataclass(frozen=True, slots=True)
class Entry:
    """An identifier in its normal form."""

    customer_id: int
    kind: str
    value: str


INSERT_IDENTIFIERS = text("""
    INSERT INTO identifiers (customer_id, kind, sealed, blind, tail, created_at)
    SELECT e.customer_id, e.kind, e.sealed, e.blind, e.tail, :now
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:sealed AS bytea[]),
                CAST(:blinds AS bytea[]), CAST(:tails AS text[])) AS e(customer_id, kind, sealed, blind, tail)
    ON CONFLICT (customer_id, kind, blind) DO NOTHING
""")


def write_identifiers(session: Session, entries: Sequence[Entry], *, now: datetime) -> None:
    """Seal and store identifiers, those known already left as they are; one statement."""
    if not entries:
        return
    session.execute(
        INSERT_IDENTIFIERS,
        {
            "customer_ids": [entry.customer_id for entry in entries],
            "kinds": [entry.kind for entry in entries],
            "sealed": [seal_identifier(entry.customer_id, entry.value) for entry in entries],
            "blinds": [blind(entry.kind, entry.value) for entry in entries],
            "tails": [tail(entry.kind, entry.value) for entry in entries],
            "now": now,
        },
    )


REPLACE_KEYS = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[])) AS w(customer_id, key)
    ), gone AS (
        DELETE FROM search_keys AS k WHERE k.customer_id = ANY(CAST(:changed AS bigint[]))
        AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.customer_id = k.customer_id AND w.key = k.key)
    )
    INSERT INTO search_keys (customer_id, key) SELECT customer_id, key FROM wanted ON CONFLICT DO NOTHING
""")


def write_search_keys(session: Session, names: Iterable[tuple[int, str | None]]) -> None:
    """Let customers (id, name) be found by these names and by no earlier ones; one statement."""
    found = [(customer_id, search_keys(name)) for customer_id, name in names]
    if not found:
        return
    pairs = [(customer_id, key) for customer_id, keys in found for key in sorted(keys)]
    session.execute(
        REPLACE_KEYS,
        {
            "changed": [customer_id for customer_id, _ in found],
            "ids": [customer_id for customer_id, _ in pairs],
            "keys": [key for _, key in pairs],
        },
    )
