"""What is done with sales: recorded, corrected, refunded, imported."""

from loyalty.sales.service.carrying import ImportResult, carry_out, import_file
from loyalty.sales.service.recording import record_sales
from loyalty.sales.service.refunding import record_refunds
from loyalty.sales.service.runs import add_run, start_run, stop_run

__all__ = [
    "ImportResult",
    "add_run",
    "carry_out",
    "import_file",
    "record_refunds",
    "record_sales",
    "start_run",
    "stop_run",
]
