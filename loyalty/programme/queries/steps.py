"""The lives of versions and of tables, step by step."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.approvals.queries import Filter, listed
from loyalty.kernel.actor import EVERYTHING
from loyalty.programme.rules import NO_NOTE, TABLE_APPROVAL, VERSION_APPROVAL
from loyalty.staff.queries import AuditFilter, audit_rows

_MOST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a version or a table: what was done, by whom and when, with the note that was left."""

    action: str
    at: datetime
    by: str
    note: str


def steps(version_id: int) -> list[Step]:
    """Return the life of a version, its beginning first."""
    return _steps("version", VERSION_APPROVAL, version_id)


def table_steps(table_id: int) -> list[Step]:
    """Return the life of a table, its beginning first."""
    return _steps("rule_table", TABLE_APPROVAL, table_id)


def _steps(subject_kind: str, approval: str, subject_id: int) -> list[Step]:
    rows = audit_rows(AuditFilter(subject_kind=subject_kind, subject_id=subject_id), EVERYTHING, limit=_MOST)
    requests = listed(Filter(kind=approval, subject_id=subject_id), EVERYTHING, limit=_MOST).items
    # A version goes back in the transaction that returns its request, so both have the same moment.
    returned = {one.decided_at: one.note for one in requests if one.note and one.note != NO_NOTE}
    told = [(row, (row.after or {}).get("note") or returned.get(row.at) or "") for row in reversed(rows)]
    return [Step(row.action, row.at, row.actor_name, note) for row, note in told]
