"""Writing the audit trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.journal import Journal

_ROWS = Journal(
    "audit_rows",
    {
        "action": "text",
        "subject_kind": "text",
        "subject_id": "bigint",
        "about_customer_id": "bigint",
        "store_id": "bigint",
        "before": "jsonb",
        "after": "jsonb",
    },
    shared={
        "at": "timestamptz",
        "actor_kind": "text",
        "actor_id": "bigint",
        "actor_name": "text",
        "address": "text",
    },
)


_PART = """
    INSERT INTO audit_rows (
        at, actor_kind, actor_id, actor_name, address,
        action, subject_kind, subject_id, about_customer_id, store_id, after
    )
    SELECT CAST(:audit_at AS timestamptz), CAST(:audit_kind AS text), CAST(:audit_id AS bigint),
        CAST(:audit_name AS text), CAST(:audit_address AS text),
        action, subject_kind, subject_id, about_customer_id, store_id, after
    FROM
"""


class AuditEntry(NamedTuple):
    """One change: `action` as "store.created", the changed fields `before` and `after` it."""

    action: str
    subject_kind: str
    subject_id: int | None
    by: Actor
    at: datetime
    customer_id: int | None = None
    store_id: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record_audit(rows: Sequence[AuditEntry]) -> None:
    """Write the rows in the order given, as the transaction of the change ends."""
    if rows:
        with transaction():
            for (at, by), same in groupby(rows, key=lambda row: (row.at, row.by)):
                _ROWS.add([_written(row) for row in same], shared=_shared(at, by))


def audit_part(rows: str) -> str:
    """Return an INSERT that writes the trail of what the same statement writes; it takes the values of `audit_values`.

    `rows` is a query for action, subject_kind, subject_id, about_customer_id, store_id and after: where thousands are
    written, the trail follows from them in the database and does not travel a second time.
    """
    return f"{_PART} ({rows}) AS told"


def audit_values(at: datetime, by: Actor) -> dict[str, Any]:
    """Return what a statement with an `audit_part` is given."""
    return {
        "audit_at": at,
        "audit_kind": by.kind,
        "audit_id": by.id,
        "audit_name": by.name,
        "audit_address": by.address,
    }


def _shared(at: datetime, by: Actor) -> dict[str, Any]:
    return {
        "at": at,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_name": by.name,
        "address": by.address,
    }


def _written(row: AuditEntry) -> dict[str, Any]:
    return {
        "action": row.action,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "about_customer_id": row.customer_id,
        "store_id": row.store_id,
        "before": row.before,
        "after": row.after,
    }
