"""What sales hold about a person, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import db

_LINES = text("""
    SELECT s.business_day AS day, s.number, s.kind, st.name AS store, l.number AS line, l.category, l.quantity,
        l.gross_minor, s.currency, v.vin
    FROM sales AS s
    JOIN stores AS st ON st.id = s.store_id
    LEFT JOIN vehicles AS v ON v.id = s.vehicle_id
    LEFT JOIN sale_lines AS l ON l.customer_id = s.customer_id AND l.sale_id = s.id
    WHERE s.customer_id = :own AND NOT s.moved ORDER BY s.occurred_at, s.id, l.number
""")
_REFUNDS = text("""
    SELECT r.business_day AS day, r.number, st.name AS store, l.number AS line, l.quantity, l.gross_minor, s.currency,
        r.reason
    FROM refunds AS r
    JOIN sales AS s ON s.customer_id = r.customer_id AND s.id = r.sale_id AND NOT s.moved
    JOIN stores AS st ON st.id = r.store_id
    LEFT JOIN refund_lines AS l ON l.customer_id = r.customer_id AND l.refund_id = r.id
    WHERE r.customer_id = :own ORDER BY r.occurred_at, r.id, l.number
""")
_VERSIONS = text("""
    SELECT s.number, v.version, v.replaced_at AS at, v.content FROM sale_versions AS v
    JOIN sales AS s ON s.customer_id = v.customer_id AND s.id = v.sale_id AND NOT s.moved
    WHERE v.customer_id = :own ORDER BY v.sale_id, v.version
""")


def own_sales(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the lines of the person's sales, amounts in minor units with tax."""
    return _rows(_LINES, ids)


def own_refunds(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what was given back."""
    return _rows(_REFUNDS, ids)


def own_corrections(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what sales said before they were corrected."""
    return _rows(_VERSIONS, ids)


def _rows(statement: Any, ids: Sequence[int]) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(statement, {"own": ids[0]}).mappings()]
