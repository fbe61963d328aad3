"""What is reserved of a member's points."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.db import db

_HELD = text("""
    SELECT h.key, h.points, t.occurred_at, h.until, t.source_number, coalesce(r.remark, t.reason)
    FROM points_holds h
    JOIN points_accounts a ON a.customer_id = h.customer_id AND a.id = h.account_id AND a.unit = 'points'
    JOIN ledger_transactions t ON t.customer_id = h.customer_id AND t.id = h.transaction_id
    LEFT JOIN points_remarks r ON r.customer_id = t.customer_id AND r.transaction_id = t.id
    WHERE h.customer_id = :customer_id AND h.state = 'held'
    ORDER BY h.id
""")


@dataclass(frozen=True, slots=True)
class HoldView:
    """Points that are reserved under a key since a moment, `until` another or (None) until somebody decides."""

    key: str
    points: int
    at: datetime
    until: datetime | None
    document: str
    reason: str


def holds(customer_id: int) -> list[HoldView]:
    """Return what is reserved of a member's points, the oldest first."""
    return [HoldView(*row) for row in db.session.execute(_HELD, {"customer_id": customer_id})]
