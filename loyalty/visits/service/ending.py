"""Ending plans: their facts have changed, or nobody wants them any more; and taking that back."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import batch, db, id_array, transaction
from loyalty.messaging import service as messaging
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tasks import service as tasks
from loyalty.visits import queries
from loyalty.visits.queries import ABOUT, Noted
from loyalty.visits.rules import REASON_TEXTS, PlanEnded, PlanState

_END = text("""
    WITH ended AS (
        UPDATE plans SET state = :state, reason = :reason, ended_at = :now
        WHERE id = ANY (CAST(:ids AS bigint[])) AND (state = 'active' OR (state = 'stopped' AND :state = 'void'))
        RETURNING customer_id, id
    ), stepped AS (
        UPDATE plan_steps AS s SET state = :state, state_at = :now FROM ended AS e
        WHERE s.customer_id = e.customer_id AND s.plan_id = e.id AND s.state IN ('planned', 'opened')
        RETURNING s.id
    )
    SELECT (SELECT count(*) FROM ended) AS plans, ARRAY(SELECT id FROM stepped) AS steps
""")
_RESUME = text("""
    WITH resumed AS (
        UPDATE plans SET state = 'active', reason = NULL, ended_at = NULL
        WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'stopped' AND reason = :reason
        RETURNING customer_id, id, store_id
    ), stepped AS (
        UPDATE plan_steps AS s SET state = 'planned', state_at = NULL FROM resumed AS r
        WHERE s.customer_id = r.customer_id AND s.plan_id = r.id AND s.state = 'stopped'
        RETURNING s.id, r.store_id
    )
    SELECT t.zone, array_agg(s.id) AS steps FROM stepped AS s JOIN stores AS t ON t.id = s.store_id GROUP BY t.zone
""")
_DROP_FACTS = text("""
    UPDATE plan_facts SET planned_at = :now
    WHERE (sale_id = ANY (CAST(:ids AS bigint[])) OR complaint_id = ANY (CAST(:ids AS bigint[])))
    AND trigger = ANY (CAST(:triggers AS text[])) AND planned_at IS NULL
""")
_OF_CUSTOMERS = text("SELECT id FROM plans WHERE customer_id = ANY (CAST(:ids AS bigint[])) AND state = 'active'")
# A maintenance that is still planned is counted from the latest service.
_SUPERSEDE = text("""
    WITH held AS (
        SELECT s.customer_id, s.id
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (vehicle_id bigint, day date)
        JOIN plans AS p ON p.vehicle_id = r.vehicle_id AND p.day < r.day AND p.state = 'active'
        JOIN plan_steps AS s ON s.customer_id = p.customer_id AND s.plan_id = p.id
        WHERE s.state IN ('planned', 'opened') AND s.task_kind IN ('maintenance', 'first-service')
        ORDER BY s.id FOR UPDATE OF s
    )
    UPDATE plan_steps AS s SET state = 'void', state_at = :now FROM held AS h
    WHERE s.customer_id = h.customer_id AND s.id = h.id AND s.state IN ('planned', 'opened')
    RETURNING s.id
""")


def end_plans(plan_ids: Collection[int], state: PlanState, reason: str, *, now: datetime, by: Actor) -> int:
    """End these plans with their open steps and tasks, and return how many were not ended; `reason` names a text."""
    if not plan_ids:
        return 0
    told = REASON_TEXTS[reason]
    with transaction() as session:
        asked = {"ids": id_array(sorted(plan_ids)), "state": state.value, "reason": told, "now": now}
        ended = session.execute(_END, asked).one()
        close = tasks.void if state == PlanState.VOID else tasks.stop
        close(ABOUT, ended.steps, reason=told, now=now, by=by)
        _cancel(ended.steps, told, now=now)
        return int(ended.plans)


def void_of(triggers: Sequence[str], ids: Collection[int], reason: str, *, now: datetime, by: Actor) -> int:
    """End what was planned, and forget what was to be planned, for these sales or complaints; return how many ended."""
    with transaction() as session:
        session.execute(_DROP_FACTS, {"ids": id_array(ids), "triggers": list(triggers), "now": now})
        found = {plan_id for trigger in triggers for plan_id in queries.plans_about(trigger, ids)}
        return end_plans(found, PlanState.VOID, reason, now=now, by=by)


def stop_by_hand(plan_id: int, *, scope: Scope, now: datetime, by: Actor) -> None:
    """Stop a plan, since a person says so; refused when it has ended."""
    with transaction():
        plan = queries.plan(plan_id, scope)
        if not end_plans([plan_id], PlanState.STOPPED, "by_hand", now=now, by=by):
            raise PlanEnded
        about = (plan.customer_id, plan.store_id)
        record_audit([AuditEntry("plan.stopped", "plan", plan_id, by, now, *about, before={"state": plan.state})])


def stop_of_vehicle(vehicle_id: int, customer_id: int, *, now: datetime, by: Actor) -> int:
    """Stop the plans of a vehicle for a customer who does not hold it any more; return how many."""
    found = [plan_id for who, plan_id, _ in queries.active_of_vehicles([vehicle_id]) if who == customer_id]
    return end_plans(found, PlanState.STOPPED, "sold", now=now, by=by)


def resume(plan_ids: Collection[int], reason: str) -> dict[str, list[int]]:
    """Let plans go on that were stopped for a reason; return by zone the steps that are planned again."""
    with transaction() as session:
        asked = {"ids": id_array(plan_ids), "reason": REASON_TEXTS[reason]}
        return {row.zone: list(row.steps) for row in session.execute(_RESUME, asked)}


def supersede(facts: Sequence[Noted], *, now: datetime, by: Actor) -> None:
    """End invitations to a service of vehicles that have just had one; their tasks end with them."""
    rows = [{"vehicle_id": one.vehicle_id, "day": one.day} for one in facts if one.vehicle_id is not None]
    if not rows:
        return
    ended = [at for (at,) in db.session.execute(_SUPERSEDE, {"rows": batch(rows), "now": now})]
    tasks.void(ABOUT, ended, reason=REASON_TEXTS["newer"], now=now, by=by)
    _cancel(ended, REASON_TEXTS["newer"], now=now)


def end_of_customers(customer_ids: Sequence[int], *, now: datetime, by: Actor) -> None:
    """Stop all plans of these customers."""
    with transaction() as session:
        ids = session.scalars(_OF_CUSTOMERS, {"ids": id_array(customer_ids)}).all()
        end_plans(ids, PlanState.STOPPED, "gone", now=now, by=by)


def _cancel(step_ids: Collection[int], reason: str, *, now: datetime) -> None:
    """Take the messages of steps back that still wait; what is on its way stays."""
    if step_ids:
        messaging.cancel(ABOUT, step_ids, reason=reason, now=now)
