"""Writing the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction

_INSERT = text("""
    INSERT INTO audit_rows (
        at, actor_kind, actor_id, actor_name, address, action, subject_kind, subject_id,
        about_customer_id, store_id, before, after
    )
    SELECT at, actor_kind, actor_id, actor_name, address, action, subject_kind, subject_id,
        about_customer_id, store_id, before, after
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        at timestamptz, actor_kind text, actor_id bigint, actor_name text, address text, action text,
        subject_kind text, subject_id bigint, about_customer_id bigint, store_id bigint, before jsonb, after jsonb
    )
""")


@dataclass(frozen=True, slots=True)
class AuditEntry:
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
    """Write the rows in the order given, with one statement, in the transaction of the change."""
    if not rows:
        return
    with transaction() as session:
        session.execute(_INSERT, {"rows": batch([_written(row) for row in rows])})


def _written(row: AuditEntry) -> dict[str, Any]:
    return {
        "at": row.at,
        "actor_kind": row.by.kind,
        "actor_id": row.by.id,
        "actor_name": row.by.name,
        "address": row.by.address,
        "action": row.action,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "about_customer_id": row.customer_id,
        "store_id": row.store_id,
        "before": row.before,
        "after": row.after,
    }
