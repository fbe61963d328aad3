"""Deliveries of customers."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text

from loyalty.kernel.db import run

_LAST = text("""
    SELECT sale.customer_id, max((sale.delivered_at AT TIME ZONE store.zone)::date) AS day
    FROM sales AS sale JOIN stores AS store ON store.id = sale.store_id
    WHERE sale.customer_id = ANY(CAST(:customer_ids AS bigint[])) AND sale.delivered_at IS NOT NULL
        AND sale.vehicle_id IS NOT NULL AND NOT sale.moved
    GROUP BY sale.customer_id
""")


def last_deliveries(customer_ids: Collection[int]) -> dict[int, date]:
    """Return by customer the last day on which a vehicle was handed over to them; those without any are left out."""
    return {row.customer_id: row.day for row in run(_LAST, {"customer_ids": sorted(set(customer_ids))})}
