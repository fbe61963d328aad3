"""What runs when: the steps of the night, and the bells that call workers to due rows.

The night of a store's zone begins at 02:00 there and closes the day before. Its steps run in a fixed order, since
points must become available before they can lapse, and tiers are judged by what is left; a missed night is caught up
before the next one begins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from jobs import audit, customers, imports, links, membership, messaging, points, tiers, visits
from jobs.runner import Work, job
from jobs.tidy import tidy
from loyalty.kernel import schedule
from loyalty.kernel.actor import EVERYTHING, Actor, job_actor
from loyalty.kernel.clock import day_at, midnight
from loyalty.kernel.errors import Problem
from loyalty.links.queries import events_due, pulls_due
from loyalty.messaging.queries import drains_due, hook_sweeps_due, hooks_due, sweeps_due
from loyalty.messaging.service import inquiries_due
from loyalty.sales.queries import imports_due
from loyalty.staff.queries import stores
from loyalty.staff.queries.chain import chain_due
from loyalty.visits.queries import facts_due

NIGHT = "night"
NIGHT_AFTER_MIDNIGHT = timedelta(hours=2)
DEFAULT_ZONE = "Asia/Shanghai"


class StepWork(Protocol):
    """What a step of the night does: everything that is due at the end of `as_of`, once, in the zone's days."""

    def __call__(self, as_of: date, *, zone: str, dry_run: bool, now: datetime, by: Actor) -> Mapping[str, Any]:
        """Do the work, or with `dry_run` only tell what it would do; return figures in JSON's types."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the night, also run by hand under its name."""

    name: str
    work: StepWork

    def run(self, as_of: date, *, zone: str = DEFAULT_ZONE, dry_run: bool = False, now: datetime) -> dict[str, Any]:
        """Run the step for the day `as_of` and return its report."""
        return dict(self.work(as_of, zone=zone, dry_run=dry_run, now=now, by=job_actor(self.name)))


STEPS = (
    Step("activate", points.activate),
    Step("expire", points.expire),
    Step("lapse-notices", membership.lapse_notices),
    Step("tier-review", tiers.review),
    Step("plans", visits.plans),
    Step("reminders", visits.reminders),
    Step("hand-over", visits.hand_over),
    Step("tidy", tidy),
    Step("audit-chain", audit.chain),
    Step("follow-merges", customers.follow_merges),
)


def plan_nights(now: datetime) -> int:
    """Write the nights that have begun and are not there yet, missed ones included; return how many were new."""
    last = schedule.last_days(NIGHT)
    zones = sorted({store.zone for store in stores(EVERYTHING)}) or [DEFAULT_ZONE]
    return schedule.plan([slot for zone in zones for slot in nights_begun(zone, now=now, after=last.get(zone))])


def nights_begun(zone: str, *, now: datetime, after: date | None) -> list[schedule.Slot]:
    """Return the nights of one zone that began after that of the day `after`; without one, only the last."""
    day = day_at(now - NIGHT_AFTER_MIDNIGHT, zone) - timedelta(days=1)
    slots: list[schedule.Slot] = []
    while after is None or day > after:
        begin = midnight(day + timedelta(days=1), zone) + NIGHT_AFTER_MIDNIGHT
        slots.append(schedule.Slot(NIGHT, zone, day, begin))
        if after is None:
            break
        day -= timedelta(days=1)
    return slots[::-1]


@job
def carry_out(now: datetime, run_id: int) -> None:
    """Run the steps of one night that are not done yet; run twice, each step counts once."""
    work = schedule.claim(run_id)
    if work is None:
        return
    try:
        for step in STEPS[work.steps_done :]:
            report = step.run(work.day, zone=work.zone, now=now)
            schedule.record_step(work, step.name, report)
    except Problem as problem:
        schedule.give_back(work, str(problem))
    else:
        schedule.finish(work)


@dataclass(frozen=True, slots=True)
class Bell:
    """A kind of due row: the queue whose worker is called, who lists the ids, and the job that takes one id."""

    queue: str
    due: Callable[[], list[int]]
    work: Work


BELLS = (
    Bell("night", schedule.due_ids, carry_out),
    Bell("imports", imports_due, imports.carry_out),
    Bell("links", pulls_due, links.read),
    Bell("links", events_due, links.work_on),
    Bell("night", chain_due, audit.extend),
    Bell("messages", drains_due, messaging.drain),
    Bell("messages", sweeps_due, messaging.sweep),
    Bell("messages", hook_sweeps_due, messaging.sweep),
    Bell("messages", inquiries_due, messaging.inquire),
    Bell("messages", hooks_due, messaging.deliver),
    Bell("night", facts_due, visits.plan),
)
QUEUES = tuple(sorted({bell.queue for bell in BELLS}))
