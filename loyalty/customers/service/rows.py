"""The set-based statements that identifiers and search keys are written with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers.rules import search_keys, tail
from loyalty.customers.sealed import blinds, seal_identifier
from loyalty.kernel.db import batch


@dataclass(frozen=True, slots=True)
class Entry:
    """An identifier in its normal form."""

    customer_id: int
    kind: str
    value: str


INSERT_IDENTIFIERS = text("""
    INSERT INTO identifiers (customer_id, kind, sealed, blind, tail, created_at)
    SELECT e.customer_id, e.kind, e.sealed, e.blind, e.tail, :now
    FROM json_to_recordset(CAST(:rows AS json))
        AS e(customer_id bigint, kind text, sealed bytea, blind bytea, tail text, other bytea)
    WHERE NOT EXISTS (
        SELECT FROM identifiers AS i WHERE i.customer_id = e.customer_id AND i.kind = e.kind AND i.blind = e.other
    )
    ON CONFLICT (customer_id, kind, blind) DO NOTHING
""")
# Where nothing can be there yet, not looking for it saves half of the work.
INSERT_FIRST_IDENTIFIERS = text(INSERT_IDENTIFIERS.text.partition("WHERE NOT EXISTS")[0])


def write_identifiers(session: Session, entries: Sequence[Entry], *, first: bool = False, now: datetime) -> None:
    """Seal and store identifiers, those known already left as they are; one statement.

    They are the `first` where the customers were created just now, with one identifier each.
    """
    if not entries:
        return
    rows = [
        {
            "customer_id": entry.customer_id,
            "kind": entry.kind,
            "sealed": seal_identifier(entry.customer_id, entry.value),
            "blind": own,
            "tail": tail(entry.kind, entry.value),
            "other": other[0] if other else None,  # how it may be there already while the index key turns
        }
        for entry in entries
        for own, *other in [blinds(entry.kind, entry.value)]
    ]
    session.execute(INSERT_FIRST_IDENTIFIERS if first else INSERT_IDENTIFIERS, {"rows": batch(rows), "now": now})


REPLACE_KEYS = text("""
    WITH wanted AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS w(customer_id bigint, key text)
    ), gone AS (
        DELETE FROM search_keys AS k WHERE k.customer_id = ANY(CAST(:changed AS bigint[]))
        AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.customer_id = k.customer_id AND w.key = k.key)
    )
    INSERT INTO search_keys (customer_id, key) SELECT customer_id, key FROM wanted ON CONFLICT DO NOTHING
""")


ADD_KEYS = text("""
    INSERT INTO search_keys (customer_id, key)
    SELECT customer_id, key FROM json_to_recordset(CAST(:rows AS json)) AS w(customer_id bigint, key text)
""")


def add_search_keys(session: Session, names: Iterable[tuple[int, str]]) -> None:
    """Let customers (id, name) who were created just now be found by these names; one statement."""
    rows = [{"customer_id": customer_id, "key": key} for customer_id, name in names for key in search_keys(name)]
    if rows:
        session.execute(ADD_KEYS, {"rows": batch(rows)})


def write_search_keys(session: Session, names: Iterable[tuple[int, str | None]]) -> None:
    """Let customers (id, name) be found by these names and by no earlier ones; one statement."""
    found = [(customer_id, search_keys(name)) for customer_id, name in names]
    if not found:
        return
    rows = [{"customer_id": customer_id, "key": key} for customer_id, keys in found for key in sorted(keys)]
    session.execute(REPLACE_KEYS, {"changed": [customer_id for customer_id, _ in found], "rows": batch(rows)})
