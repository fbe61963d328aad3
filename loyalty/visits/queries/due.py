"""What is due: facts without a plan, and steps whose day has come."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, select, text

from loyalty.kernel.db import db
from loyalty.visits.models import PlanFact

_DUE = text("""
    SELECT s.customer_id, s.id, s.plan_id, s.task_kind, s.names, s.due_from, s.due_to, s.why, p.vehicle_id, p.store_id,
        p.trigger,
        p.vehicle_id IS NULL OR EXISTS (
            SELECT FROM ownerships AS o WHERE o.vehicle_id = p.vehicle_id AND o.holder_id = p.customer_id
            AND o.until_day IS NULL) AS held
    FROM plan_steps AS s
    JOIN plans AS p ON p.customer_id = s.customer_id AND p.id = s.plan_id
    JOIN stores AS t ON t.id = p.store_id AND t.zone = :zone
    WHERE s.state = 'planned' AND s.due_from <= :day
    ORDER BY s.due_from, s.id LIMIT :most
    FOR UPDATE OF s SKIP LOCKED
""")


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact that is to be planned."""

    customer_id: int
    id: int
    trigger: str
    sale_id: int
    version: int
    vehicle_id: int | None
    store_id: int
    day: date


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step whose day has come; `held` says that the customer still has to do with the vehicle."""

    customer_id: int
    id: int
    plan_id: int
    task_kind: str
    names: dict[str, Any]
    due_from: date
    due_to: date
    why: list[Any]
    vehicle_id: int | None
    store_id: int
    trigger: str
    held: bool


def facts_due(limit: int = 1) -> list[int]:
    """Return one number when facts wait for their plans: a call of the planner takes them all."""
    waiting = db.session.scalar(select(exists().where(PlanFact.planned_at.is_(None))))
    return [0] * limit if waiting else []


def lock_facts(most: int) -> list[Noted]:
    """Return the oldest facts that wait, and keep other planners from them; what those hold is left out."""
    chosen = (
        select(
            PlanFact.customer_id,
            PlanFact.id,
            PlanFact.trigger,
            PlanFact.sale_id,
            PlanFact.version,
            PlanFact.vehicle_id,
            PlanFact.store_id,
            PlanFact.day,
        )
        .where(PlanFact.planned_at.is_(None))
        .order_by(PlanFact.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [Noted(*row) for row in db.session.execute(chosen)]


def due_steps(day: date, zone: str, most: int) -> list[DueStep]:
    """Return steps of the zone's stores that are due by a day, the oldest first, locked; at most so many."""
    return [DueStep(*row) for row in db.session.execute(_DUE, {"day": day, "zone": zone, "most": most})]
