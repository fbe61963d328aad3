"""What is due: facts without a plan, and steps whose day has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, exists, select, text

from loyalty.kernel.db import db, id_array, run
from loyalty.visits.models import PlanFact

# A step whose text is not in use waits until it is, or until its time is long over. OFFSET 0 keeps the search for the
# holder a look by the vehicle: otherwise all who hold any vehicle are read for each batch.
_DUE = """
    SELECT s.customer_id, s.id, s.plan_id, s.code, s.task_kind, s.channel, s.template, s.names::text, s.due_from,
        s.due_to, s.why::text, s.openings, p.vehicle_id, p.store_id, p.trigger, p.day, p.basis::text,
        p.vehicle_id IS NULL OR EXISTS (
            SELECT FROM ownerships AS o WHERE o.vehicle_id = p.vehicle_id AND o.holder_id = p.customer_id
            AND o.until_day IS NULL OFFSET 0) AS held
    FROM plan_steps AS s
    JOIN plans AS p ON p.customer_id = s.customer_id AND p.id = s.plan_id
    JOIN stores AS t ON t.id = p.store_id
    WHERE s.state = 'planned' AND s.due_from <= {day} AND p.state = 'active' AND {which}
    AND (s.template IS NULL OR s.template || ' ' || s.channel = ANY (CAST(:texts AS text[])) OR s.due_to < :missed)
    ORDER BY s.due_from, s.id LIMIT {most}
    FOR UPDATE OF s SKIP LOCKED
"""
_OF_IDS = text(_DUE.format(which="s.id = ANY (CAST(:ids AS bigint[]))", day=":day", most=":most"))


# The day, and how many are wanted, stand in the text: the planner would expect a third of all steps of any other day,
# and read them all.
@lru_cache(maxsize=32)
def _of_zone(day: date, most: int) -> TextClause:
    return text(_DUE.format(which="t.zone = :zone", day=f"DATE '{day}'", most=most))


@lru_cache(maxsize=32)
def _waiting(day: date) -> TextClause:
    return text(f"""
        SELECT s.template, count(*) AS steps FROM plan_steps AS s
        WHERE s.state = 'planned' AND s.due_from <= DATE '{day}' AND s.template IS NOT NULL
        AND s.template || ' ' || s.channel <> ALL (CAST(:texts AS text[]))
        GROUP BY s.template ORDER BY s.template
    """)  # noqa: S608 - a day


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact that is to be planned."""

    customer_id: int
    id: int
    trigger: str
    sale_id: int | None
    version: int
    vehicle_id: int | None
    store_id: int
    day: date
    complaint_id: int | None = None


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step whose day has come; `held` says that the customer still has to do with the vehicle.

    Steps of a batch that say the same share `names`, `why` and `basis`, which are never changed.
    """

    customer_id: int
    id: int
    plan_id: int
    code: str
    task_kind: str
    channel: str
    template: str | None
    names: dict[str, Any]
    due_from: date
    due_to: date
    why: list[Any]
    openings: int
    vehicle_id: int | None
    store_id: int
    trigger: str
    day: date
    basis: dict[str, Any]
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
            PlanFact.complaint_id,
        )
        .where(PlanFact.planned_at.is_(None))
        .order_by(PlanFact.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [Noted(*row) for row in db.session.execute(chosen)]


def due_steps(day: date, zone: str, most: int, *, texts: Sequence[str], missed: date) -> list[DueStep]:
    """Return steps of the zone's stores that are due by a day, the oldest first, locked; at most so many.

    Messages wait while their text is not among `texts`, unless they were to be done before `missed`.
    """
    asked = {"zone": zone, "texts": list(texts), "missed": missed}
    return _steps(run(_of_zone(day, most), asked))


def due_among(ids: Sequence[int], day: date, *, texts: Sequence[str], missed: date) -> list[DueStep]:
    """Return those of these steps that are due by a day, locked, as `due_steps` does."""
    asked = {"ids": id_array(ids), "day": day, "most": len(ids), "texts": list(texts), "missed": missed}
    return _steps(db.session.execute(_OF_IDS, asked))


def _steps(rows: Iterable[Any]) -> list[DueStep]:
    """Return the steps of these rows; what many say alike is read once, and is one object of all of them."""
    read = cache(orjson.loads)
    told = (
        [*row[:7], read(row.names), *row[8:10], read(row.why), *row[11:16], read(row.basis), row.held] for row in rows
    )
    return [DueStep(*values) for values in told]


def steps_without_text(day: date, texts: Sequence[str]) -> dict[str, int]:
    """Return how many steps that are due wait for which text."""
    return {row.template: row.steps for row in run(_waiting(day), {"texts": list(texts)})}
