"""Steps whose day has come become tasks or messages; those whose time is long over are missed, and told so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import ask, id_array, transaction
from loyalty.tasks.rules import NewTask, Sentenced
from loyalty.tasks.service import open_tasks
from loyalty.visits import queries
from loyalty.visits.queries import ABOUT, DueStep
from loyalty.visits.rules import MISSED_AFTER, PHONE, PlanState, StepState
from loyalty.visits.service.ending import end_plans
from loyalty.visits.service.writing import send_messages

BATCH = 5_000
WHAT = "{step}"
"""The name of a step; its Chinese reads {step_zh}."""

# Few of very many steps are due, and statistics lag behind what was opened a moment ago: a plan that reads them all
# would cost more than the work.
_BY_INDEX = text("SELECT set_config('enable_seqscan', 'off', true)")
_MARK = text("""
    UPDATE plan_steps SET state = :state, state_at = :now, openings = openings + :more
    WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'planned'
""")


def open_due(day: date, zone: str, *, now: datetime, by: Actor) -> Mapping[str, int]:
    """Open what all steps become that are due by a day in the stores of a zone; return how many of what.

    Whoever no longer holds the vehicle is not called: the plan is stopped. Run twice, it opens each task and each
    message once. Messages whose text is not in use wait until it is; they are told as `waiting`.
    """
    told = {"opened": 0, "missed": 0, "stopped": 0}
    texts = queries.usable_texts()
    loads: dict[int, int] = {}

    def taken() -> list[DueStep]:
        return queries.due_steps(day, zone, BATCH, texts=texts, missed=day - MISSED_AFTER)

    while (done := _open_batch(taken, day, now=now, by=by, loads=loads)) is not None:
        for name, count in done.items():
            told[name] += count
    with transaction():
        ask(_BY_INDEX, {})
        waiting = sum(queries.steps_without_text(day, texts).values())
    return {**told, "waiting": waiting} if waiting else told


def open_again(step_ids: Sequence[int], zone: str, *, now: datetime, by: Actor) -> None:
    """Open those of these steps at once whose day has come: what had stopped them was taken back."""
    day, texts = day_at(now, zone), queries.usable_texts()

    def taken() -> list[DueStep]:
        return queries.due_among(step_ids, day, texts=texts, missed=day - MISSED_AFTER)

    _open_batch(taken, day, now=now, by=by, loads={})


def count_due(day: date, zone: str) -> int:
    """Return how many steps are due, up to a batch, and change nothing."""
    with transaction():
        return len(queries.due_steps(day, zone, BATCH, texts=queries.usable_texts(), missed=day - MISSED_AFTER))


def _open_batch(
    taken: Callable[[], list[DueStep]], day: date, *, now: datetime, by: Actor, loads: dict[int, int]
) -> Mapping[str, int] | None:
    with transaction() as session:
        ask(_BY_INDEX, {})
        steps = taken()
        if not steps:
            return None
        sold = {step.plan_id for step in steps if not step.held}
        stopped = end_plans(sold, PlanState.STOPPED, "sold", now=now, by=by)
        held = [step for step in steps if step.held]
        missed = [step for step in held if step.due_to + MISSED_AFTER < day]
        wanted = [step for step in held if step.due_to + MISSED_AFTER >= day]
        for state, those in ((StepState.MISSED, missed), (StepState.OPENED, wanted)):
            if those:
                marked = {"ids": id_array(step.id for step in those), "state": state, "now": now}
                session.execute(_MARK, {**marked, "more": int(state == StepState.OPENED)})
        open_tasks(_tasks([step for step in wanted if step.channel == PHONE]), now=now, by=by, loads=loads)
        send_messages([step for step in wanted if step.channel != PHONE], now=now, by=by)
        return {"opened": len(wanted), "missed": len(missed), "stopped": stopped}


def _tasks(steps: Sequence[DueStep]) -> list[NewTask]:
    whats: dict[int, Sentenced] = {}  # by the object: what steps have in common stays one object of their tasks
    remarks: dict[int, tuple[Sentenced, ...]] = {}
    for step in steps:
        if id(step.names) not in whats:
            whats[id(step.names)] = Sentenced(WHAT, step.names)
        if id(step.why) not in remarks:
            remarks[id(step.why)] = tuple(Sentenced(one["sentence"], one["numbers"]) for one in step.why)
    return [
        NewTask(
            dedupe_key=f"{ABOUT}:{step.id}:{step.openings}",
            kind=step.task_kind,
            customer_id=step.customer_id,
            store_id=step.store_id,
            due_from=step.due_from,
            due_to=step.due_to,
            what=whats[id(step.names)],
            vehicle_id=step.vehicle_id,
            about_kind=ABOUT,
            about_id=step.id,
            remarks=remarks[id(step.why)],
        )
        for step in steps
    ]
