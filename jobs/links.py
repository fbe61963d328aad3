"""Links to core sales: views that are to be read, and events that were kept and wait."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from jobs.runner import job
from loyalty.kernel.actor import SYSTEM, job_actor
from loyalty.links import queries, service

PULL = "pull"


@job
def read(now: datetime, link_id: int) -> None:
    """Read what was changed in one view; run twice or by two workers, only one reads."""
    service.pull(queries.link_by_id(link_id), now=now, by=job_actor(PULL))


@job
def work_on(now: datetime, event_id: int) -> None:
    """Work on one event that was kept; run twice, it has one effect."""
    service.work_on(event_id, now=now)


def pull_by_hand(
    codes: Sequence[str], *, dry_run: bool, now: datetime, progress: Callable[[int], None] | None = None
) -> list[dict[str, Any]]:
    """Read these links (all that are not paused when none is named) to their end, and return a report of each."""
    reports = []
    for code in codes or queries.pull_codes():
        link = queries.link_by_code(code)
        if dry_run:
            reports.append(service.rehearse(link, now=now, progress=progress).to_json())
            continue
        pulled = None
        while pulled is None or pulled.state == "more":
            pulled = service.pull(link, now=now, by=SYSTEM, by_hand=True, progress=progress)
        reports.append(pulled.to_json())
    return reports
