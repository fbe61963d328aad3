"""What merges, closings and erasures of customers mean for their tasks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.tasks.models import Task
from loyalty.tasks.queries import locked_all
from loyalty.tasks.rules import LIVE, State
from loyalty.tasks.service.closing import close_tasks

# Tries follow by their foreign key, changes by a trigger.
_MOVE = text("""
    UPDATE tasks AS t SET customer_id = :taker
    WHERE t.customer_id = :giver AND (CAST(:ids AS bigint[]) IS NULL OR t.id = ANY (CAST(:ids AS bigint[])))
    AND NOT EXISTS (SELECT FROM tasks AS own WHERE own.customer_id = :taker AND own.dedupe_key = t.dedupe_key)
    RETURNING t.id
""")
_FORGET = (
    text("""
        UPDATE tasks SET numbers = '{}', remarks = '[]', sentence = 'Erased on request', reason = NULL,
            vehicle_id = NULL
        WHERE customer_id = ANY (CAST(:ids AS bigint[]))
    """),
    text("""
        UPDATE task_attempts SET note = '', answers = '{}' WHERE customer_id = ANY (CAST(:ids AS bigint[]))
    """),
    text("""
        UPDATE task_changes SET detail = '{}' WHERE customer_id = ANY (CAST(:ids AS bigint[]))
    """),
)
_ALLOW = text("SELECT set_config('loyalty.removing', :what, true)")


def carry_tasks(giver: int, taker: int, ids: Sequence[int] | None = None) -> list[int]:
    """Let the tasks of one customer (of these numbers, or all) be another's; return their numbers."""
    with transaction() as session:
        return list(session.scalars(_MOVE, {"giver": giver, "taker": taker, "ids": None if ids is None else list(ids)}))


def end_of_customers(customer_ids: Sequence[int], reason: str, *, now: datetime, by: Actor) -> int:
    """Stop all that is still to be done for these customers; return how many."""
    with transaction() as session:
        live = select(Task.id).where(Task.customer_id.in_(list(customer_ids)), Task.state.in_(LIVE))
        found = [one for one in locked_all(session.scalars(live)) if one.live]
        close_tasks(found, State.STOPPED, reason, now=now, by=by)
        return len(found)


def forget_people(customer_ids: Sequence[int]) -> None:
    """Take out of these customers' tasks what tells of the person; that there were tasks stays."""
    with transaction() as session:
        before = session.scalar(text("SELECT current_setting('loyalty.removing', true)"))
        session.execute(_ALLOW, {"what": "evidence"})
        for statement in _FORGET:
            session.execute(statement, {"ids": list(customer_ids)})
        session.execute(_ALLOW, {"what": before or ""})
