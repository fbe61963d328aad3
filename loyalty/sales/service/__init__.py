"""What is done with sales: recorded, corrected, refunded, imported."""

from loyalty.sales.sealed_files import kept_file
from loyalty.sales.service.carrying import ImportResult, carry_out, import_file
from loyalty.sales.service.delivering import record_deliveries
from loyalty.sales.service.forgetting import forget_people
from loyalty.sales.service.mappings import save_mapping
from loyalty.sales.service.merging import carry_sales, follow_merges
from loyalty.sales.service.recording import record_sales
from loyalty.sales.service.refunding import record_refunds
from loyalty.sales.service.runs import add_run, start_run, stop_run
from loyalty.sales.service.sweeping import sweep_uploads
from loyalty.sales.service.uploads import Preview, check_columns, keep_upload, preview, uploads_folder

__all__ = [
    "ImportResult",
    "Preview",
    "add_run",
    "carry_out",
    "carry_sales",
    "check_columns",
    "follow_merges",
    "forget_people",
    "import_file",
    "keep_upload",
    "kept_file",
    "preview",
    "record_deliveries",
    "record_refunds",
    "record_sales",
    "save_mapping",
    "start_run",
    "stop_run",
    "sweep_uploads",
    "uploads_folder",
]
