"""What people do with many tasks at once; rows that it does not fit are told and left as they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at, end_of
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed, Refused, Sentence
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tasks import queries
from loyalty.tasks.queries import Brief
from loyalty.tasks.rules import NotWorkingThere, check_next_day, check_reason
from loyalty.tasks.service.recording import check_open, skip_all
from loyalty.tasks.service.rows import Change, write_changes

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Left:
    """A task that was left as it is, and why."""

    task: Brief
    why: Refused | Malformed


@dataclass(frozen=True, slots=True)
class Swept:
    """What was done with many tasks: how many, and which were left."""

    done: int
    left: tuple[Left, ...]


def reassign(task_ids: Sequence[int], owner_id: int | None, *, scope: Scope, now: datetime, by: Actor) -> Swept:
    """Give tasks to a person, or (None) to nobody; left: ended ones, and stores in which the person does not work."""
    with transaction():
        tasks = _locked(task_ids, scope)
        there = {(one.account_id, one.store_id) for one in queries.workers({one.store_id for one in tasks}, now)}
        name = queries.names_of([owner_id]).get(owner_id, "--") if owner_id is not None else ""

        def check(task: Brief) -> None:
            if owner_id is not None and (owner_id, task.store_id) not in there:
                raise NotWorkingThere(who=name)

        fit, left = _sorted_out(tasks, check, now=now, by=by)
        write_changes([Change(one, replace(one, owner_id=owner_id)) for one in fit], "reassigned", now=now, by=by)
        _audit("task.reassigned", fit, {"owner_id": owner_id}, now=now, by=by)
        return Swept(len(fit), left)


def move(task_ids: Sequence[int], day: date, *, scope: Scope, now: datetime, by: Actor) -> Swept:
    """Put tasks off to another day; left: ended ones, and those for whose store the day is past."""
    with transaction():
        tasks = _locked(task_ids, scope)

        def check(task: Brief) -> None:
            check_next_day(day, day_at(now, task.zone))

        fit, left = _sorted_out(tasks, check, now=now, by=by)
        changes = [
            Change(one, replace(one, due_from=day, due_to=day, due_at=end_of(day, one.zone), timed=False))
            for one in fit
        ]
        write_changes(changes, "moved", now=now, by=by)
        _audit("task.moved", fit, {"day": day}, now=now, by=by)
        return Swept(len(fit), left)


def skip_many(task_ids: Sequence[int], reason: str, *, scope: Scope, now: datetime, by: Actor) -> Swept:
    """End tasks that are not to be done, with one reason; left: those that have ended."""
    told = check_reason(reason)
    with transaction():
        fit, left = _sorted_out(_locked(task_ids, scope), lambda _task: None, now=now, by=by)
        skip_all(fit, told, now=now, by=by)
        return Swept(len(fit), left)


def _locked(task_ids: Sequence[int], scope: Scope) -> list[Brief]:
    if not task_ids:
        raise Malformed({"task": ["Choose at least one task."]})
    if len(task_ids) > MOST_AT_ONCE:
        raise Malformed({"task": [Sentence("Choose at most {most} tasks at once.", most=MOST_AT_ONCE)]})
    return queries.locked_all(task_ids, scope)


def _sorted_out(
    tasks: Sequence[Brief], check: Callable[[Brief], None], *, now: datetime, by: Actor
) -> tuple[list[Brief], tuple[Left, ...]]:
    fit, left = [], []
    for task in tasks:
        try:
            check_open(task, now=now, by=by)
            check(task)
        except (Refused, Malformed) as why:
            left.append(Left(task, why))
        else:
            fit.append(task)
    return fit, tuple(left)


def _audit(action: str, tasks: Sequence[Brief], after: dict[str, object], *, now: datetime, by: Actor) -> None:
    record_audit(
        [
            AuditEntry(
                action,
                "task",
                one.id,
                by,
                now,
                one.customer_id,
                one.store_id,
                before={"owner_id": one.owner_id, "day": one.due_to},
                after=after,
            )
            for one in tasks
        ]
    )
