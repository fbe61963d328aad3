"""Follow-up plans, for programs."""

from typing import Any

from loyalty.customers.rules import customer_number, id_of_number
from loyalty.kernel.paging import page_size
from loyalty.visits import queries, service
from loyalty.visits.queries import READ, WORK, PlanView, StepView
from loyalty.visits.schemas import FollowUpPlanBody, FollowUpPlanList, FollowUpPlansQuery
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.languages import in_chinese, say
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint("visits_api", __name__, url_prefix="/visits", description="Follow-up plans and their steps.")


@operations.get("")
@guard(READ)
@operations.arguments(FollowUpPlansQuery, location="query")
@operations.response(200, FollowUpPlanList)
def list_plans(asked: dict[str, Any]) -> dict[str, Any]:
    """List follow-up plans, the latest first."""
    wanted = None if asked["customer"] is None else id_of_number(asked["customer"]) or 0
    limit = page_size(asked["limit"])
    page = queries.plans_page(
        current_actor().scope(READ), state=asked["state"], customer_id=wanted, cursor=asked["cursor"], limit=limit
    )
    return {"items": [_json(plan) for plan in page.items], "next_cursor": page.next_cursor}


@operations.get("/<int:plan_id>")
@guard(READ)
@operations.response(200, FollowUpPlanBody)
def read_plan(plan_id: int) -> dict[str, Any]:
    """Read a plan with its steps, their days and why these, and what became of their messages."""
    return _json(queries.plan(plan_id, current_actor().scope(READ)))


@operations.post("/<int:plan_id>:stop")
@guard(WORK)
@operations.takes_key
@operations.response(200, FollowUpPlanBody)
def stop_plan(plan_id: int) -> dict[str, Any]:
    """Stop a plan: its open steps, tasks and messages end. Refused when it has ended."""
    actor = current_actor()

    def work() -> dict[str, Any]:
        service.stop_by_hand(plan_id, scope=actor.scope(WORK), now=request_now(), by=actor)
        return _json(queries.plan(plan_id, actor.scope(WORK)))

    return answer_once("visits.stop", {"plan": plan_id}, work)


def _json(plan: PlanView) -> dict[str, Any]:
    return {
        "id": plan.id,
        "trigger": plan.trigger,
        "day": plan.day.isoformat(),
        "customer": customer_number(plan.customer_id),
        "vehicle": plan.vehicle.vin if plan.vehicle else None,
        "store": plan.store_code,
        "km": plan.km,
        "opens": plan.opens.isoformat() if plan.opens else None,
        "state": plan.state,
        "reason": say(plan.reason) if plan.reason else None,
        "steps": [_step(step) for step in plan.steps],
    }


def _step(step: StepView) -> dict[str, Any]:
    sent = step.message
    return {
        "code": step.code,
        "what": step.names["step_zh" if in_chinese() else "step"],
        "about": step.task_kind,
        "channel": step.channel,
        "due_from": step.due_from.isoformat(),
        "due_to": step.due_to.isoformat(),
        "reasons": [say(one["sentence"], one["numbers"]) for one in step.why],
        "state": step.state,
        "message": {"id": sent.id, "channel": sent.channel, "state": sent.state} if sent else None,
    }
