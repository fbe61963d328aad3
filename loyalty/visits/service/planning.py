"""The planner: facts become plans with their steps, once for each fact whoever plans and however often."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import batch, id_array, transaction
from loyalty.staff.queries import stores
from loyalty.tasks.rules import StoreDays
from loyalty.visits import queries
from loyalty.visits.queries import Noted
from loyalty.visits.rules import PHONE, READING, SERVICE, Due, Fact, Reading, Template, plan_dates
from loyalty.visits.service.ending import supersede
from loyalty.visits.service.replanning import reasons, replan_vehicles

BATCH = 200

INSERT_PLANS = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            customer_id bigint, key text, trigger text, sale_id bigint, complaint_id bigint, policy_version_id bigint,
            vehicle_id bigint, store_id bigint, day date, km integer, basis jsonb, steps jsonb)
    ), made AS (
        INSERT INTO plans (customer_id, key, trigger, sale_id, complaint_id, policy_version_id, vehicle_id, store_id,
            day, km, basis, made_at)
        SELECT customer_id, key, trigger, sale_id, complaint_id, policy_version_id, vehicle_id, store_id,
            day, km, basis, :now FROM given
        ON CONFLICT (customer_id, key) DO NOTHING
        RETURNING customer_id, id, key
    ), stepped AS (
        INSERT INTO plan_steps (customer_id, plan_id, code, task_kind, channel, template, names, due_from, due_to, why)
        SELECT m.customer_id, m.id, s.code, s.task_kind, s.channel, s.template, s.names, s.due_from, s.due_to, s.why
        FROM made AS m JOIN given AS g ON g.customer_id = m.customer_id AND g.key = m.key,
            jsonb_to_recordset(g.steps) AS s (code text, task_kind text, channel text, template text, names jsonb,
                due_from date, due_to date, why jsonb)
    )
    SELECT count(*) FROM made
""")
_PLANNED = text(
    "UPDATE plan_facts SET planned_at = :now WHERE id = ANY (CAST(:ids AS bigint[])) AND planned_at IS NULL"
)


def plan_facts(*, now: datetime, by: Actor, most: int = BATCH) -> int:
    """Plan a batch of the facts that wait and return how many were taken; 0 when none waits for us.

    Two planners share the facts between them. One that is killed leaves its batch as it was. The mileage that came with
    a sale reckons anew what was planned for the vehicle before.
    """
    with transaction() as session:
        facts = queries.lock_facts(most)
        if not facts:
            return 0
        supersede([one for one in facts if one.trigger == SERVICE], now=now, by=by)
        read = {one.vehicle_id for one in facts if one.trigger in {SERVICE, READING} and one.vehicle_id is not None}
        rows = _rows([one for one in facts if one.trigger != READING])
        if rows:
            session.execute(INSERT_PLANS, {"rows": batch(rows), "now": now})
        replan_vehicles(read)
        session.execute(_PLANNED, {"ids": id_array(one.id for one in facts), "now": now})
        return len(facts)


def _rows(facts: Sequence[Noted]) -> list[Mapping[str, Any]]:
    if not facts:
        return []
    zones = {store.id: store.zone for store in stores(EVERYTHING)}
    known = {at: queries.template_on(*at) for at in {(one.day, zones[one.store_id]) for one in facts}}
    longest = max(template.longest for _, template in known.values())
    first, last = min(one.day for one in facts), max(one.day for one in facts)
    days = queries.days_of_stores({one.store_id for one in facts}, first, last + longest)
    readings = queries.readings_of({one.vehicle_id for one in facts if one.vehicle_id is not None})
    rows: list[Mapping[str, Any]] = []
    for one in facts:
        version_id, template = known[one.day, zones[one.store_id]]
        row = _row(one, version_id, template, readings.get(one.vehicle_id or 0, []), days[one.store_id])
        if row["steps"]:
            rows.append(row)
    return rows


def _row(
    one: Noted, version_id: int | None, template: Template, readings: Sequence[Reading], days: StoreDays
) -> dict[str, Any]:
    so_far = [reading for reading in readings if reading.day <= one.day]
    km = so_far[-1].km if so_far else None
    fact = Fact(one.trigger, one.day, km)
    return {
        "customer_id": one.customer_id,
        "key": f"{one.trigger}:{one.id}",
        "trigger": one.trigger,
        "sale_id": one.sale_id,
        "complaint_id": one.complaint_id,
        "policy_version_id": version_id,
        "vehicle_id": one.vehicle_id,
        "store_id": one.store_id,
        "day": one.day,
        "km": km,
        "basis": basis_of(template, fact),
        "steps": [step_row(due) for due in plan_dates(template, fact, so_far, days)],
    }


def basis_of(template: Template, fact: Fact, *, doubtful: bool = False) -> dict[str, Any]:
    """Return what a plan remembers of how its days were reckoned, beside its day and mileage."""
    basis: dict[str, Any] = {"hour": template.hour}
    if fact.opens is not None:
        basis |= {"opens": fact.opens, "remarks": reasons(fact.remarks), "doubtful": doubtful}
    return basis


def by_hand_only(steps: Sequence[Due]) -> list[Due]:
    """Return steps that only people take: nothing is written to a customer of what is not certain."""
    return [replace(due, step=replace(due.step, channel=PHONE, template=None)) for due in steps]


def step_row(due: Due) -> dict[str, Any]:
    """Return a step as the inserting statement takes it."""
    return {
        "code": due.step.code,
        "task_kind": due.step.task,
        "channel": due.step.channel,
        "template": due.step.template,
        "names": {"step": due.step.name_en, "step_zh": due.step.name_zh},
        "due_from": due.first,
        "due_to": due.last,
        "why": reasons(due.why),
    }
