"""Files of sales that were handed in on the page."""

from datetime import datetime

from flask import current_app

from jobs.runner import job
from loyalty.kernel.settings import Settings
from loyalty.sales import service


@job
def carry_out(now: datetime, run_id: int) -> None:
    """Read one file; run twice it is read once, and after a kill the next one goes on where the last chunk ended."""
    settings: Settings = current_app.extensions["loyalty.settings"]
    folder = service.uploads_folder(settings.data_dir)
    service.carry_out(run_id, folder=folder, most_bytes=settings.upload_limit_bytes, now=now, side_by_side=True)
