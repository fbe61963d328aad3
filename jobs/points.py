"""The points ledger's part of the night."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import end_of
from loyalty.points import service


def activate(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Make points available whose waiting time, or whose hold, ends with the day `as_of` or before."""
    moment = end_of(as_of, zone)
    done = asdict(service.activate_due(moment, dry_run=dry_run, now=now, by=by))
    return done | {"holds_released": service.release_lapsed(moment, dry_run=dry_run, now=now, by=by)}


def expire(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Let points lapse whose last day is `as_of` or before."""
    return asdict(service.expire_due(end_of(as_of, zone), dry_run=dry_run, now=now, by=by))
