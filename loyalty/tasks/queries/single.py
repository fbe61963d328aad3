"""One task with what was tried and changed; and the tasks of a customer."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import aliased

from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import EVERYTHING, Scope
from loyalty.kernel.db import db, id_array
from loyalty.tasks.models import Task, TaskAttempt, TaskChange
from loyalty.tasks.queries.queue import brief, brief_of, briefs, holds_customer, within
from loyalty.tasks.queries.views import AttemptView, Brief, ChangeView
from loyalty.tasks.rules import TaskNotFound

_LOCK = text("SELECT 1 FROM tasks WHERE id = :id FOR UPDATE")
_LOCK_ALL = text("SELECT 1 FROM tasks WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE")


def lock(task_id: int, scope: Scope) -> Brief:
    """Return a task as it is now, and keep others from changing it; not found where it lies outside the scope."""
    db.session.execute(_LOCK, {"id": task_id})
    return brief(task_id, scope)


def attempts(customer_id: int, task_id: int) -> list[AttemptView]:
    """Return the tries of a task, the latest first; rows that undo another are told at that one."""
    undone = aliased(TaskAttempt)
    chosen = (
        select(
            TaskAttempt.id,
            TaskAttempt.at,
            TaskAttempt.outcome,
            TaskAttempt.means,
            TaskAttempt.note,
            TaskAttempt.next_day,
            TaskAttempt.by_name,
            undone.id.is_not(None),
        )
        .outerjoin(undone, (undone.customer_id == TaskAttempt.customer_id) & (undone.takes_back_id == TaskAttempt.id))
        .where(
            TaskAttempt.customer_id == customer_id,
            TaskAttempt.task_id == task_id,
            TaskAttempt.takes_back_id.is_(None),
        )
        .order_by(TaskAttempt.id.desc())
    )
    return [AttemptView(*row) for row in db.session.execute(chosen)]


def changes(customer_id: int, task_id: int) -> list[ChangeView]:
    """Return the changes of a task, the latest first."""
    chosen = (
        select(
            TaskChange.seq,
            TaskChange.at,
            TaskChange.act,
            TaskChange.before,
            TaskChange.after,
            TaskChange.detail,
            TaskChange.by_id,
            TaskChange.by_name,
        )
        .where(TaskChange.customer_id == customer_id, TaskChange.task_id == task_id)
        .order_by(TaskChange.id.desc())
    )
    return [ChangeView(*row) for row in db.session.execute(chosen)]


def follower(customer_id: int, task_id: int) -> Brief | None:
    """Return the latest task that follows one, or None."""
    chosen = select(Task.id).where(Task.customer_id == customer_id, Task.follows_id == task_id)
    found = db.session.scalar(chosen.order_by(Task.id.desc()).limit(1))
    return None if found is None else brief(found, EVERYTHING)


def tasks_of(customer_id: int, *, limit: int = 20) -> list[Brief]:
    """Return the tasks of a customer, the latest first."""
    return [brief_of(row) for row in db.session.execute(holds_customer([customer_id]).limit(limit))]


def last_contact(customer_id: int) -> tuple[datetime, str] | None:
    """Return when a person was last reached and what came of it, or None."""
    undone = aliased(TaskAttempt)
    chosen = (
        select(TaskAttempt.at, TaskAttempt.outcome)
        .outerjoin(undone, (undone.customer_id == TaskAttempt.customer_id) & (undone.takes_back_id == TaskAttempt.id))
        .where(
            TaskAttempt.customer_id == customer_id,
            TaskAttempt.means == "reached",
            TaskAttempt.takes_back_id.is_(None),
            undone.id.is_(None),
        )
        .order_by(TaskAttempt.id.desc())
        .limit(1)
    )
    row = db.session.execute(chosen).one_or_none()
    return None if row is None else (row.at, row.outcome)


def own_tasks(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what was to be done for a person, for the copy that the person may have."""
    chosen = (
        select(Task.opened_at.label("at"), Task.kind, Task.sentence, Task.numbers, Task.due_from, Task.due_to)
        .add_columns(Task.state, Task.outcome, Task.reason, Task.ended_at)
        .where(Task.customer_id.in_(list(ids)))
        .order_by(Task.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


def own_attempts(ids: Collection[int]) -> list[dict[str, Any]]:
    """Return what was noted of calls with a person, for the copy that the person may have."""
    chosen = (
        select(TaskAttempt.at, TaskAttempt.outcome, TaskAttempt.note, TaskAttempt.answers, TaskAttempt.next_day)
        .where(TaskAttempt.customer_id.in_(list(ids)))
        .order_by(TaskAttempt.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


def locked_all(task_ids: Iterable[int], scope: Scope = EVERYTHING) -> list[Brief]:
    """Return these tasks as they are now, in order of their numbers, and keep others from changing them.

    Not found where one is missing or lies outside the scope.
    """
    ids = sorted(set(task_ids))
    if not ids:
        return []
    db.session.execute(_LOCK_ALL, {"ids": id_array(ids)})
    found = {
        row.id: brief_of(row) for row in db.session.execute(briefs().where(Task.id == any_id(ids), *within(scope)))
    }
    for one in ids:
        if one not in found:
            raise TaskNotFound(task=one)
    return [found[one] for one in ids]
