"""The audit trail's chain: every minute in which something was done, and once more at the end of the night."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from jobs.runner import job
from loyalty.kernel.actor import Actor
from loyalty.staff.queries.chain import head, waiting_count
from loyalty.staff.service.chain import extend_chain


@job
def extend(now: datetime, number: int) -> None:
    """Chain the rows that wait; there is one chain, and `number` is always 1."""
    del number
    extend_chain(now=now)


def chain(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Chain every row that waits, whichever night it is; tell how many, and the end of the chain."""
    del as_of, zone, by  # rows are chained as they come, and the chain is no change that somebody signs
    rows = waiting_count() if dry_run else extend_chain(now=now)
    return {"rows": rows, "head": str(head())}
