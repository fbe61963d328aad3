"""What is done with sales: recorded, corrected, refunded, imported."""

from loyalty.sales.service.recording import record_sales
from loyalty.sales.service.refunding import record_refunds

__all__ = ["record_refunds", "record_sales"]
