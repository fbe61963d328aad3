"""Lots as a merge of customers asks for them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text

from loyalty.kernel.db import db

_CAME = text("""
    SELECT l.id FROM points_lots l
    JOIN ledger_transactions t ON t.customer_id = l.customer_id AND t.id = l.transaction_id
    WHERE l.customer_id = :customer_id AND l.remaining > 0
    AND (t.key = :key OR (t.source_kind = 'sale' AND t.source_id = ANY (CAST(:sale_ids AS bigint[]))))
""")
_DAYS = text("""
    SELECT l.id, t.business_day FROM points_lots l
    JOIN ledger_transactions t ON t.customer_id = l.customer_id AND t.id = l.transaction_id
    WHERE l.customer_id = :customer_id AND l.id = ANY (CAST(:ids AS bigint[]))
""")


def lots_of_merge(customer_id: int, key: str, sale_ids: Sequence[int]) -> frozenset[int]:
    """Return the lots with something left that came in under `key`, or were earned for these sales."""
    values = {"customer_id": customer_id, "key": key, "sale_ids": sorted(sale_ids)}
    return frozenset(db.session.scalars(_CAME, values))


def days_of_lots(customer_id: int, lot_ids: Sequence[int]) -> dict[int, date]:
    """Return on which business day each lot was earned."""
    rows = db.session.execute(_DAYS, {"customer_id": customer_id, "ids": list(lot_ids)})
    return {row.id: row.business_day for row in rows}
