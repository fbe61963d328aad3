"""What happened to customers, written in the transaction in which it happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loyalty.customers import queries
from loyalty.customers.rules import TimelineEntry
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.kernel.journal import Journal

LONGEST_NOTE = 2000

_ROWS = Journal(
    "timeline_rows",
    {
        "customer_id": "bigint",
        "at": "timestamptz",
        "kind": "text",
        "sentence": "text",
        "numbers": "jsonb",
        "by_name": "text",
        "source_kind": "text",
        "source_id": "bigint",
    },
)

_PART = """
    INSERT INTO timeline_rows (customer_id, at, kind, sentence, numbers, by_name, source_kind, source_id)
    SELECT customer_id, at, kind, sentence, numbers, CAST(:timeline_by AS text), source_kind, source_id FROM
"""


def timeline_part(rows: str) -> str:
    """Return an INSERT that writes to the timeline what the same statement writes; `timeline_by` is who did it.

    `rows` is a query for customer_id, at, kind, sentence, numbers, source_kind and source_id.
    """
    return f"{_PART} ({rows}) AS told"


def write_timeline(rows: Sequence[TimelineEntry]) -> None:
    """Write what happened, as the transaction in which it happened ends."""
    if rows:
        with transaction():
            _ROWS.add([_row(row) for row in rows])


def _row(row: TimelineEntry) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "at": row.at,
        "kind": row.kind,
        "sentence": row.sentence,
        "numbers": dict(row.numbers),
        "by_name": row.by,
        "source_kind": row.source_kind,
        "source_id": row.source_id,
    }


def add_note(customer_id: int, note: str, *, kind: str = "note", scope: Scope, now: datetime, by: Actor) -> None:
    """Write what somebody noted down; `kind` is note or call. Malformed when empty or above 2,000 characters."""
    text_ = note.strip()
    if not text_ or len(text_) > LONGEST_NOTE:
        raise Malformed({"note": ["Write a note of 1 to 2,000 characters."]})
    if kind not in {"note", "call"}:
        raise Malformed({"kind": ["Choose note or call."]})
    with transaction():
        queries.customer(customer_id, scope)
        write_timeline([TimelineEntry(customer_id, now, kind, "{note}", {"note": text_}, by.name)])
