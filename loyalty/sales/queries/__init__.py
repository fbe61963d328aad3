"""What is asked of sales, refunds and imports."""

from loyalty.sales.queries.reading import (
    LineView,
    RefundView,
    SaleView,
    VersionView,
    Wanted,
    latest_sales,
    refunds_of,
    sale_by_id,
    sale_by_number,
    sales_page,
    versions_of,
)
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
    "LineView",
    "RefundView",
    "SaleView",
    "StoredSale",
    "VersionView",
    "Wanted",
    "day_totals_select",
    "first_answers",
    "latest_sales",
    "lock_numbers",
    "look_up",
    "refund_by_number",
    "refunds_of",
    "sale_by_id",
    "sale_by_number",
    "sales_page",
    "stored_sales",
    "versions_of",
]
