"""Steps that are planned and not yet tasks, for the calendar."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from loyalty.customers.models import Customer
from loyalty.customers.queries import customers_by_ids
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.db import db
from loyalty.visits.models import Plan, PlanStep
from loyalty.visits.rules import PlanState, StepState

MOST_ON_A_PAGE = 400


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A step of a plan under way, on its last day, with the name of the customer."""

    plan_id: int
    day: date
    who: str
    names: dict[str, Any]


def steps_ahead(since: date, until: date, store_ids: Collection[int], advisor_id: int | None = None) -> list[StepAhead]:
    """Return planned steps whose last day lies between two days, both included; some 400 at most."""
    chosen = (
        select(PlanStep.customer_id, PlanStep.plan_id, PlanStep.due_to, PlanStep.names)
        .join(Plan, and_(Plan.customer_id == PlanStep.customer_id, Plan.id == PlanStep.plan_id))
        .where(
            PlanStep.state == StepState.PLANNED,
            PlanStep.due_from <= until,
            PlanStep.due_to.between(since, until),
            Plan.state == PlanState.ACTIVE,
            Plan.store_id == any_id(store_ids),
        )
        .order_by(PlanStep.due_to, PlanStep.id)
        .limit(MOST_ON_A_PAGE)
    )
    if advisor_id is not None:
        theirs = select(Customer.id).where(Customer.advisor_id == advisor_id)
        chosen = chosen.where(PlanStep.customer_id.in_(theirs))
    rows = db.session.execute(chosen).all()
    people = customers_by_ids({row.customer_id for row in rows})
    return [StepAhead(row.plan_id, row.due_to, people[row.customer_id].shown_name, row.names) for row in rows]
