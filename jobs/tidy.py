"""The night's last step: what ran out is deleted, so that nothing personal is kept longer than it serves."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import current_app

from loyalty.kernel import sessions
from loyalty.kernel.actor import Actor
from loyalty.kernel.settings import Settings
from loyalty.links import service as links
from loyalty.messaging import service as messaging
from loyalty.owners import service as owners
from loyalty.sales import service as sales


def tidy(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Delete what ran out by `now`, whichever night it is: sessions, codes, files, old events and secrets of links."""
    del as_of, zone, by  # they run out by the clock, belong to no day, and leave no trace to sign
    return {
        "sessions": sessions.sweep(now, dry_run=dry_run),
        "codes": owners.sweep_codes(now, dry_run=dry_run),
        "uploads": sales.sweep_uploads(_uploads(), now=now, dry_run=dry_run),
        "link_events": links.forget_answers(now, dry_run=dry_run),
        "link_rejects": links.forget_settled(now, dry_run=dry_run),
        "webhook_deliveries": messaging.sweep_deliveries(now, dry_run=dry_run),
        "link_secrets": links.sweep_secrets(now, dry_run=dry_run),
    }


def _uploads() -> Path:
    settings: Settings = current_app.extensions["loyalty.settings"]
    return sales.uploads_folder(settings.data_dir)
