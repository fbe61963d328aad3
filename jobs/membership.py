"""Membership's part of the night."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.membership import service


def lapse_notices(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Plan the messages about points that end within a lead of the policy, for the day after `as_of`."""
    return service.tell_of_lapses(as_of, zone=zone, dry_run=dry_run, now=now, by=by)
