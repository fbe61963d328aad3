"""What the ledger holds about a person, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import db

_ENTRIES = text("""
    SELECT t.occurred_at AS at, a.unit, t.kind, t.points, t.debit AS taken_from, t.credit AS given_to,
        t.source_number AS number, coalesce(r.remark, t.reason) AS reason
    FROM ledger_transactions AS t JOIN points_accounts AS a ON a.customer_id = t.customer_id AND a.id = t.account_id
    LEFT JOIN points_remarks AS r ON r.customer_id = t.customer_id AND r.transaction_id = t.id
    WHERE t.customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY t.booked_at, t.id
""")
_LOTS = text("""
    SELECT a.unit, l.points, l.remaining, l.state, l.earned_at, l.available_from, l.expires_at
    FROM points_lots AS l JOIN points_accounts AS a ON a.customer_id = l.customer_id AND a.id = l.account_id
    WHERE l.customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY l.earned_at, l.id
""")
_HOLDS = text("""
    SELECT points, state, until FROM points_holds WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


def own_entries(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every movement of points and growth, with its reason."""
    return _rows(_ENTRIES, ids)


def own_lots(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what each award gave, what is left of it and when it ends."""
    return _rows(_LOTS, ids)


def own_holds(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return which points were reserved."""
    return _rows(_HOLDS, ids)


def _rows(statement: Any, ids: Sequence[int]) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(statement, {"ids": list(ids)}).mappings()]
