"""What is asked of sales, refunds and imports."""

from loyalty.sales.queries.recording import (
    Found,
    KnownRefund,
    StoredSale,
    first_answers,
    lock_numbers,
    look_up,
    refund_by_number,
    stored_sales,
)
from loyalty.sales.queries.totals import day_totals_select

__all__ = [
    "Found",
    "KnownRefund",
    "StoredSale",
    "day_totals_select",
    "first_answers",
    "lock_numbers",
    "look_up",
    "refund_by_number",
    "stored_sales",
]
