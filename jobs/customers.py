"""Sales that were on their way while their customer was merged: they come over too."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.sales import queries, service


def follow_merges(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Give the sales that were recorded under a merged customer to the one that stands for it, with their points."""
    del as_of, zone  # a merge holds in every zone, from its moment on
    if dry_run:
        return {"sales": queries.strayed_count()}
    return {"sales": service.follow_merges(now=now, by=by)}
