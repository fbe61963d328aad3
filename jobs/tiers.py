"""The tiers' part of the night."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.tiers import service
from loyalty.tiers.rules import NoScheme


def review(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Judge every standing by the figures at the end of the day `as_of`.

    A day before the first rules is passed over, with the reason in the report: as a refusal it would hold up every
    night after it.
    """
    del zone  # standings count in the days their sales were booked on
    try:
        return service.review(as_of, dry_run=dry_run, now=now, by=by)
    except NoScheme as reason:
        return {"passed_over": str(reason)}
