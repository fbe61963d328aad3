"""The follow-up's work: plans of new facts, tasks of due steps, and what people who left had to do."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from jobs.runner import job
from loyalty.kernel.actor import Actor, job_actor
from loyalty.tasks import service as tasks
from loyalty.visits import queries, service


def plans(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Plan all facts that wait, of whichever zone, and the inspections that come in the stores of the zone.

    Steps whose days stores do not work any more, or of a year that is published by now, are reckoned anew.
    """
    if dry_run:
        return {"waiting": bool(queries.facts_due())}
    planned = 0
    while taken := service.plan_facts(now=now, by=by):
        planned += taken
    inspections = service.plan_inspections(zone, now=now, by=by)
    moved = service.replan_days(zone, as_of + timedelta(days=1))
    return {"planned": planned, **inspections, "moved": moved}


def reminders(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Open the tasks of the day that begins after `as_of`, in the stores of the zone."""
    day = as_of + timedelta(days=1)
    if dry_run:
        return {"due": service.count_due(day, zone)}
    return service.open_due(day, zone, now=now, by=by)


def hand_over(as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
    """Share out anew what belongs to people whose role has ended."""
    del as_of, zone
    return {"handed_over": tasks.hand_over(now, by, dry_run=dry_run)}


@job
def plan(now: datetime, _number: int) -> None:
    """Plan what waits, soon after it was noted."""
    by = job_actor("plans")
    while service.plan_facts(now=now, by=by):
        pass
