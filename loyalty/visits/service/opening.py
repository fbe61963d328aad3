"""Steps whose day has come become tasks; those whose time is long over are missed, and told so."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import id_array, transaction
from loyalty.tasks.rules import NewTask, Sentenced
from loyalty.tasks.service import open_tasks
from loyalty.visits import queries
from loyalty.visits.queries import DueStep
from loyalty.visits.rules import MISSED_AFTER, PlanState, StepState
from loyalty.visits.service.ending import ABOUT, end_plans

BATCH = 2_000
WHAT = "{step}"
"""The name of a step; its Chinese reads {step_zh}."""

_MARK = text("""
    UPDATE plan_steps SET state = :state, state_at = :now WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'planned'
""")


def open_due(day: date, zone: str, *, now: datetime, by: Actor) -> Mapping[str, int]:
    """Open the tasks of all steps that are due by a day in the stores of a zone; return how many of what.

    Whoever no longer holds the vehicle is not called: the plan is stopped. Run twice, it opens each task once.
    """
    told = {"opened": 0, "missed": 0, "stopped": 0}
    while True:
        done = _open_batch(day, zone, now=now, by=by)
        if done is None:
            return told
        for name, count in done.items():
            told[name] += count


def count_due(day: date, zone: str) -> int:
    """Return how many steps are due, up to a batch, and change nothing."""
    with transaction():
        return len(queries.due_steps(day, zone, BATCH))


def _open_batch(day: date, zone: str, *, now: datetime, by: Actor) -> Mapping[str, int] | None:
    with transaction() as session:
        steps = queries.due_steps(day, zone, BATCH)
        if not steps:
            return None
        sold = {step.plan_id for step in steps if not step.held}
        stopped = end_plans(sold, PlanState.STOPPED, "sold", now=now, by=by)
        held = [step for step in steps if step.held]
        missed = [step for step in held if step.due_to + MISSED_AFTER < day]
        wanted = [step for step in held if step.due_to + MISSED_AFTER >= day]
        for state, those in ((StepState.MISSED, missed), (StepState.OPENED, wanted)):
            if those:
                session.execute(_MARK, {"ids": id_array(step.id for step in those), "state": state, "now": now})
        open_tasks(_tasks(wanted), now=now, by=by)
        return {"opened": len(wanted), "missed": len(missed), "stopped": stopped}


def _tasks(steps: Sequence[DueStep]) -> list[NewTask]:
    return [
        NewTask(
            dedupe_key=f"{ABOUT}:{step.id}",
            kind=step.task_kind,
            customer_id=step.customer_id,
            store_id=step.store_id,
            due_from=step.due_from,
            due_to=step.due_to,
            what=Sentenced(WHAT, step.names),
            vehicle_id=step.vehicle_id,
            about_kind=ABOUT,
            about_id=step.id,
            remarks=tuple(Sentenced(one["sentence"], one["numbers"]) for one in step.why),
        )
        for step in steps
    ]
