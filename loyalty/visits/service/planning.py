"""The planner: facts become plans with their steps, once for each fact whoever plans and however often."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import batch, id_array, transaction
from loyalty.staff.queries import stores
from loyalty.tasks.queries import store_days
from loyalty.tasks.rules import StoreDays
from loyalty.visits import queries
from loyalty.visits.queries import Noted
from loyalty.visits.rules import SERVICE, Due, Fact, Reading, plan_dates
from loyalty.visits.service.ending import supersede

BATCH = 200
FARTHEST = timedelta(days=366 * 11)

_PLAN = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            customer_id bigint, key text, trigger text, sale_id bigint, policy_version_id bigint, vehicle_id bigint,
            store_id bigint, day date, km integer, steps jsonb)
    ), made AS (
        INSERT INTO plans (
            customer_id, key, trigger, sale_id, policy_version_id, vehicle_id, store_id, day, km, made_at)
        SELECT customer_id, key, trigger, sale_id, policy_version_id, vehicle_id, store_id, day, km, :now FROM given
        ON CONFLICT (customer_id, key) DO NOTHING
        RETURNING customer_id, id, key
    ), stepped AS (
        INSERT INTO plan_steps (customer_id, plan_id, code, task_kind, names, due_from, due_to, why)
        SELECT m.customer_id, m.id, s.code, s.task_kind, s.names, s.due_from, s.due_to, s.why
        FROM made AS m JOIN given AS g ON g.customer_id = m.customer_id AND g.key = m.key,
            jsonb_to_recordset(g.steps) AS s (
                code text, task_kind text, names jsonb, due_from date, due_to date, why jsonb)
    )
    SELECT count(*) FROM made
""")
_PLANNED = text(
    "UPDATE plan_facts SET planned_at = :now WHERE id = ANY (CAST(:ids AS bigint[])) AND planned_at IS NULL"
)


def plan_facts(*, now: datetime, by: Actor, most: int = BATCH) -> int:
    """Plan a batch of the facts that wait and return how many were taken; 0 when none waits for us.

    Two planners share the facts between them. One that is killed leaves its batch as it was.
    """
    with transaction() as session:
        facts = queries.lock_facts(most)
        if not facts:
            return 0
        supersede([one for one in facts if one.trigger == SERVICE], now=now, by=by)
        rows = _rows(facts)
        session.execute(_PLAN, {"rows": batch(rows), "now": now})
        session.execute(_PLANNED, {"ids": id_array(one.id for one in facts), "now": now})
        return len(facts)


def replan_vehicle(vehicle_id: int) -> None:
    """Reckon the steps of a vehicle that are still planned anew, after a reading; those that do not change stay."""
    with transaction() as session:
        found = [queries.plan(at, EVERYTHING) for _, at, _ in queries.active_of_vehicles([vehicle_id])]
        readings = queries.readings_of([vehicle_id]).get(vehicle_id, [])
        rows = []
        for plan in found:
            _, template = queries.template_on(plan.day, plan.zone)
            days = store_days(plan.day, plan.day + FARTHEST)[plan.store_id]
            again = plan_dates(template, Fact(plan.trigger, plan.day, plan.km), readings, days)
            rows += [{"plan_id": plan.id, "customer_id": plan.customer_id, **_step(due)} for due in again]
        if rows:
            session.execute(_REPLAN, {"rows": batch(rows)})


_REPLAN = text("""
    UPDATE plan_steps AS s SET due_from = r.due_from, due_to = r.due_to, why = r.why
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        customer_id bigint, plan_id bigint, code text, due_from date, due_to date, why jsonb)
    WHERE s.customer_id = r.customer_id AND s.plan_id = r.plan_id AND s.code = r.code AND s.state = 'planned'
""")


def _rows(facts: Sequence[Noted]) -> list[Mapping[str, Any]]:
    zones = {store.id: store.zone for store in stores(EVERYTHING)}
    days = store_days(min(one.day for one in facts), max(one.day for one in facts) + FARTHEST)
    readings = queries.readings_of({one.vehicle_id for one in facts if one.vehicle_id is not None})
    known: dict[tuple[date, str], Any] = {}
    rows: list[Mapping[str, Any]] = []
    for one in facts:
        at = (one.day, zones[one.store_id])
        if at not in known:
            known[at] = queries.template_on(*at)
        version_id, template = known[at]
        row = _row(one, version_id, template, readings.get(one.vehicle_id or 0, []), days[one.store_id])
        if row["steps"]:
            rows.append(row)
    return rows


def _row(
    one: Noted, version_id: int | None, template: Any, readings: Sequence[Reading], days: StoreDays
) -> dict[str, Any]:
    so_far = [reading for reading in readings if reading.day <= one.day]
    km = so_far[-1].km if so_far else None
    dates = plan_dates(template, Fact(one.trigger, one.day, km), so_far, days)
    return {
        "customer_id": one.customer_id,
        "key": f"{one.trigger}:{one.id}",
        "trigger": one.trigger,
        "sale_id": one.sale_id,
        "policy_version_id": version_id,
        "vehicle_id": one.vehicle_id,
        "store_id": one.store_id,
        "day": one.day,
        "km": km,
        "steps": [_step(due) for due in dates],
    }


def _step(due: Due) -> dict[str, Any]:
    return {
        "code": due.step.code,
        "task_kind": due.step.task,
        "names": {"step": due.step.name_en, "step_zh": due.step.name_zh},
        "due_from": due.first,
        "due_to": due.last,
        "why": [{"sentence": why.sentence, "numbers": dict(why.values)} for why in due.why],
    }
