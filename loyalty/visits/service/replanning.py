"""Steps that are still planned, reckoned anew: a mileage was read, or the days on which stores work have changed."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import batch, transaction
from loyalty.tasks.rules import Remark, Sentenced
from loyalty.visits import queries
from loyalty.visits.queries import PlanBasis
from loyalty.visits.rules import Due, Fact, plan_dates, reckoned_anew

LOOKED_AHEAD = timedelta(days=14)

# Rows are locked in the order of their numbers, so that two planners do not wait for each other.
_REPLAN = text("""
    WITH held AS (
        SELECT s.customer_id, s.id, r.due_from, r.due_to, r.why
        FROM plan_steps AS s JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            customer_id bigint, plan_id bigint, code text, due_from date, due_to date, why jsonb)
        ON s.customer_id = r.customer_id AND s.plan_id = r.plan_id AND s.code = r.code
        WHERE s.state = 'planned' AND (s.due_from, s.due_to, s.why) IS DISTINCT FROM (r.due_from, r.due_to, r.why)
        ORDER BY s.id FOR UPDATE OF s
    )
    UPDATE plan_steps AS s SET due_from = h.due_from, due_to = h.due_to, why = h.why
    FROM held AS h WHERE s.customer_id = h.customer_id AND s.id = h.id AND s.state = 'planned'
    RETURNING s.id
""")


def replan_vehicles(vehicle_ids: Collection[int]) -> int:
    """Reckon what is still planned for vehicles anew, after readings; return how many steps changed."""
    if not vehicle_ids:
        return 0
    with transaction():
        return _replan(queries.plans_of_vehicles(vehicle_ids))


def replan_days(zone: str, day: date) -> int:
    """Reckon the steps of the next two weeks anew whose days stores do not work any more, or of a year since published.

    Return how many changed.
    """
    with transaction():
        coming = queries.coming_days(zone, day, day + LOOKED_AHEAD)
        if not coming:
            return 0
        stores = {one.store_id for one in coming}
        days = queries.days_of_stores(stores, day, day + LOOKED_AHEAD)
        stale = [one for one in coming if reckoned_anew(one.due_from, days[one.store_id], unpublished=one.unpublished)]
        return _replan(queries.plans_due_on([(one.store_id, one.due_from) for one in stale])) if stale else 0


def reasons(why: Sequence[Remark]) -> list[dict[str, Any]]:
    """Return reasons as they are stored."""
    return [{"sentence": one.sentence, "numbers": dict(one.values)} for one in why]


def _replan(plans: Sequence[PlanBasis]) -> int:
    if not plans:
        return 0
    templates = {at: queries.template_on(*at)[1] for at in {(one.ruled_day, one.zone) for one in plans}}
    longest = max(template.longest for template in templates.values())
    first, last = min(one.first_day for one in plans), max(one.day for one in plans)
    days = queries.days_of_stores({one.store_id for one in plans}, first, last + longest)
    readings = queries.readings_of({one.vehicle_id for one in plans if one.vehicle_id is not None})
    rows = []
    for one in plans:
        template = templates[one.ruled_day, one.zone]
        again = plan_dates(template, fact_of(one), readings.get(one.vehicle_id or 0, []), days[one.store_id])
        rows += [_row(one, due) for due in again]
    with transaction() as session:
        return len(session.execute(_REPLAN, {"rows": batch(rows)}).all())


def fact_of(plan: PlanBasis) -> Fact:
    """Return the fact that a plan hangs on, as it was planned."""
    opens = plan.basis.get("opens")
    remarks = tuple(Sentenced(one["sentence"], one["numbers"]) for one in plan.basis.get("remarks", ()))
    return Fact(plan.trigger, plan.day, plan.km, date.fromisoformat(opens) if opens else None, remarks)


def _row(plan: PlanBasis, due: Due) -> dict[str, Any]:
    return {
        "plan_id": plan.id,
        "customer_id": plan.customer_id,
        "code": due.step.code,
        "due_from": due.first,
        "due_to": due.last,
        "why": reasons(due.why),
    }
