"""What people do with one task: take it, record a try, skip it, undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at, end_of
from loyalty.kernel.db import transaction
from loyalty.kernel.events import announce
from loyalty.staff.queries import person_behind
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tasks import queries
from loyalty.tasks.events import TaskConcluded, TaskReopened
from loyalty.tasks.models import TaskAttempt
from loyalty.tasks.queries import Brief
from loyalty.tasks.rules import (
    BY_A_PERSON,
    REASON_TEXTS,
    TAKEN_FOR,
    UNDO_FOR,
    Attempt,
    CallOutcome,
    ChangedMeanwhile,
    ConcludedByAnother,
    Result,
    State,
    TakenByAnother,
    TaskClosed,
    UndoOfAnother,
    UndoOver,
    check_note,
    check_reason,
    result_of,
)
from loyalty.tasks.service.closing import close_tasks
from loyalty.tasks.service.opening import follow
from loyalty.tasks.service.rows import Change, write_changes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an act made of a task: the task as it is now, the result, and the task that follows (None: none)."""

    task: Brief
    state: State
    outcome: CallOutcome | None
    next_day: date | None
    follower_id: int | None


def take(task_id: int, *, scope: Scope, now: datetime, by: Actor) -> Brief:
    """Let a person work on a task for half an hour and return it; again by the same person, it begins anew.

    Refused: one that has ended, and one that somebody else works on.
    """
    with transaction():
        task = _locked(task_id, scope, now=now, by=by)
        taken = replace(task, state=State.IN_PROGRESS, taken_by=person_behind(by), taken_until=now + TAKEN_FOR)
        write_changes([Change(task, taken)], "taken", now=now, by=by)
        return queries.brief(task_id, scope)


def record(
    task_id: int, attempt: Attempt, *, seen: int | None = None, scope: Scope, now: datetime, by: Actor
) -> Recorded:
    """Record a try and return what it made of the task; `seen` is the number of changes that the page knew of.

    Refused: a task that has ended, by whom and when; one that somebody else works on; one that has changed since.
    Malformed: a result that the kind does not have, a day that is past, a call back without a day.
    """
    with transaction():
        task = _locked(task_id, scope, now=now, by=by)
        if seen is not None and seen != task.seq and not (seen + 1 == task.seq and task.taken_by == person_behind(by)):
            raise ChangedMeanwhile
        outcome, note = task.shape.outcome(attempt.outcome), check_note(attempt.note)
        today = day_at(now, task.zone)
        retry = queries.next_workday(task.store_id, today)
        most = task.shape.most_tries
        result = result_of(outcome, attempt, tries=task.tries, most=most, today=today, retry=retry)
        attempt_id = _keep(task, attempt, outcome, note, result, now=now, by=by)
        after = _after(task, outcome, result, attempt, now=now, by=by)
        write_changes([Change(task, after, {"attempt_id": attempt_id})], "recorded", now=now, by=by)
        follower = None
        if result.follows and result.next_day is not None:
            follower = follow(task, result.next_day, attempt.next_at, now=now, by=by)
        _tell(task, outcome, note, result, now=now, by=by)
        if result.state != State.OPEN:
            announce([_concluded(task, outcome, follows=follower is not None, now=now)], now=now, by=by)
        return Recorded(queries.brief(task_id, scope), result.state, outcome, result.next_day, follower)


def skip(task_id: int, reason: str, *, scope: Scope, now: datetime, by: Actor) -> Recorded:
    """End a task that is not to be done, with the reason; refused as `record` is."""
    told = check_reason(reason)
    with transaction():
        task = _locked(task_id, scope, now=now, by=by)
        skip_all([task], told, now=now, by=by)
        return Recorded(queries.brief(task_id, scope), State.SKIPPED, None, None, None)


def skip_all(tasks: Sequence[Brief], reason: str, *, now: datetime, by: Actor) -> None:
    """End these locked tasks with one reason."""
    person = person_behind(by)
    ended: dict[str, Any] = {"state": State.SKIPPED, "reason": reason, "ended_at": now, "ended_by": person}
    changes = [Change(one, replace(one, **ended, taken_by=None, taken_until=None)) for one in tasks]
    write_changes(changes, "skipped", now=now, by=by)
    record_audit([_audit("task.skipped", one, {"state": State.SKIPPED}, now=now, by=by) for one in tasks])
    sentence = "Task skipped: {what}. Reason: {reason}"
    write_timeline([_line(one, sentence, {"reason": reason}, "task", now=now, by=by) for one in tasks])
    announce([_concluded(one, None, follows=False, now=now) for one in tasks], now=now, by=by)


def undo(task_id: int, *, scope: Scope, now: datetime, by: Actor) -> Brief:
    """Take back what was last recorded of a task, and return it as it is then.

    Refused: after 10 minutes, when something was done since, also with the task that followed, and to anybody else.
    """
    with transaction():
        task = queries.lock(task_id, scope)
        last = next(iter(queries.changes(task.customer_id, task_id)), None)
        if last is None or last.act not in {"recorded", "skipped"} or now - last.at > UNDO_FOR:
            raise UndoOver
        if last.by_id != by.id:
            raise UndoOfAnother(who=last.by_name)
        follower = queries.follower(task.customer_id, task_id) if task.state in BY_A_PERSON else None
        if follower is not None:
            if follower.seq or not follower.live:
                raise UndoOver
            close_tasks([follower], State.VOID, REASON_TEXTS["undone"], now=now, by=by)
        _take_back(task, last.detail, now=now, by=by)
        if task.state in BY_A_PERSON:
            told = TaskReopened(task.id, task.customer_id, task.kind, task.about_kind, task.about_id, now)
            announce([told], now=now, by=by)
        return queries.brief(task_id, scope)


def _take_back(task: Brief, detail: Any, *, now: datetime, by: Actor) -> None:
    was = detail["was"]
    values: dict[str, Any] = {
        "due_from": date.fromisoformat(was["due_from"]),
        "due_to": date.fromisoformat(was["due_to"]),
        "due_at": datetime.fromisoformat(was["due_at"]),
        "timed": was["timed"],
        "tries": was["tries"],
    }
    again: dict[str, Any] = {"state": State.OPEN, "outcome": None, "reason": None, "ended_at": None, "ended_by": None}
    write_changes([Change(task, replace(task, **values, **again))], "undone", now=now, by=by)
    if (attempt_id := detail.get("attempt_id")) is not None:
        _keep_undone(task, attempt_id, now=now, by=by)
    record_audit([_audit("task.undone", task, {"state": task.state}, now=now, by=by)])
    write_timeline([_line(task, "Undone: {what}", {}, "task", now=now, by=by)])


def _keep_undone(task: Brief, attempt_id: int, *, now: datetime, by: Actor) -> None:
    undone = next(one for one in queries.attempts(task.customer_id, task.id) if one.id == attempt_id)
    values = {"outcome": undone.outcome, "means": undone.means, "takes_back_id": attempt_id}
    with transaction() as session:
        session.execute(insert(TaskAttempt).values(**_attempt_of(task, now, by), **values))


def _locked(task_id: int, scope: Scope, *, now: datetime, by: Actor) -> Brief:
    task = queries.lock(task_id, scope)
    check_open(task, now=now, by=by)
    return task


def check_open(task: Brief, *, now: datetime, by: Actor) -> None:
    """Refuse a task that has ended, and one that somebody else works on now."""
    if task.taken_by_another(person_behind(by), now):
        since = task.taken_until - TAKEN_FOR if task.taken_until else None
        raise TakenByAnother(who=task.taker, at=since, until=task.taken_until)
    if task.live:
        return
    if State(task.state) in BY_A_PERSON:
        raise ConcludedByAnother(who=task.ender or "--", at=task.ended_at)
    raise TaskClosed(at=task.ended_at, reason=task.reason or "")


def _after(task: Brief, outcome: CallOutcome, result: Result, attempt: Attempt, *, now: datetime, by: Actor) -> Brief:
    freed = replace(task, state=result.state, tries=result.tries, taken_by=None, taken_until=None)
    if result.state == State.OPEN and result.next_day is not None:
        day = result.next_day
        by_when = attempt.next_at or end_of(day, task.zone)
        return replace(freed, due_from=day, due_to=day, due_at=by_when, timed=attempt.next_at is not None)
    return replace(freed, outcome=outcome.code, ended_at=now, ended_by=person_behind(by))


def _keep(
    task: Brief, attempt: Attempt, outcome: CallOutcome, note: str, result: Result, *, now: datetime, by: Actor
) -> int:
    with transaction() as session:
        written = insert(TaskAttempt).values(
            **_attempt_of(task, now, by),
            outcome=outcome.code,
            means=outcome.means,
            note=note,
            answers=dict(attempt.answers),
            next_day=result.next_day,
        )
        attempt_id: int = session.scalars(written.returning(TaskAttempt.id)).one()
        return attempt_id


def _attempt_of(task: Brief, now: datetime, by: Actor) -> dict[str, Any]:
    return {
        "customer_id": task.customer_id,
        "task_id": task.id,
        "at": now,
        "by_id": person_behind(by),
        "by_name": by.name,
    }


def _tell(task: Brief, outcome: CallOutcome, note: str, result: Result, *, now: datetime, by: Actor) -> None:
    """Write what was recorded to the audit trail and the timeline."""
    told = {"outcome": outcome.code, "state": result.state, "next_day": result.next_day}
    record_audit([_audit("task.recorded", task, told, now=now, by=by)])
    said: dict[str, Any] = {"outcome": {"sentence": outcome.title, "numbers": {}}}
    sentence = "{what}: {outcome}."
    if note:
        sentence, said["note"] = "{what}: {outcome}. {note}", note
    write_timeline([_line(task, sentence, said, "call", now=now, by=by)])


def _line(task: Brief, sentence: str, said: dict[str, Any], kind: str, *, now: datetime, by: Actor) -> TimelineEntry:
    what = {"sentence": task.sentence, "numbers": dict(task.numbers)}
    return TimelineEntry(task.customer_id, now, kind, sentence, {"what": what, **said}, by.name, "task", task.id)


def _audit(action: str, task: Brief, after: dict[str, Any], *, now: datetime, by: Actor) -> AuditEntry:
    before = {"state": task.state}
    return AuditEntry(action, "task", task.id, by, now, task.customer_id, task.store_id, before=before, after=after)


def _concluded(task: Brief, outcome: CallOutcome | None, *, follows: bool, now: datetime) -> TaskConcluded:
    return TaskConcluded(
        task.id,
        task.customer_id,
        task.kind,
        task.about_kind,
        task.about_id,
        None if outcome is None else outcome.code,
        None if outcome is None else outcome.means,
        follows,
        now,
    )
