"""Tasks of people, for programs: the queue, tries, and who does what."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext

from loyalty.customers.rules import customer_number
from loyalty.kernel.errors import Malformed, Refused
from loyalty.kernel.paging import page_size
from loyalty.staff.queries import account_id, person_behind, store_by_code
from loyalty.tasks import queries, service
from loyalty.tasks.queries import EVERYBODY, NOBODY, READ, WORK, Brief, Filter, Row
from loyalty.tasks.rules import Attempt
from loyalty.tasks.schemas import (
    AttemptBody,
    ReassignBody,
    RecordedAnswer,
    SkipBody,
    SweptAnswer,
    TaskAnswer,
    TaskList,
    TasksQuery,
)
from loyalty.tasks.service import Left
from loyalty.web.api import ApiBlueprint, answer_once
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.requests import current_actor, request_now

operations = ApiBlueprint(
    "tasks",
    __name__,
    description="Work for people: what, for whom, by when, and every try.",
)


@operations.get("/tasks")
@guard(READ)
@operations.arguments(TasksQuery, location="query")
@operations.response(200, TaskList)
def list_tasks(asked: dict[str, Any]) -> dict[str, Any]:
    """List open tasks, the most pressing first."""
    actor, now = current_actor(), request_now()
    scope = actor.scope(READ)
    owner = {EVERYBODY: None, NOBODY: 0}.get(asked["whose"], person_behind(actor) or 0)
    wanted = Filter(
        owner=owner,
        view=asked["view"],
        kind=asked["kind"],
        store_id=None if asked["store"] is None else store_by_code(asked["store"], scope).id,
        until=asked["until"],
    )
    days = queries.days_of(scope, now)
    page = queries.queue(wanted, days, cursor=asked["cursor"], limit=page_size(asked["limit"]))
    return {"items": [_json(row, now) for row in page.items], "next_cursor": page.next_cursor}


@operations.get("/tasks/<int:task_id>")
@guard(READ)
@operations.response(200, TaskAnswer)
def read_task(task_id: int) -> dict[str, Any]:
    """Read a task with what was tried."""
    task = queries.brief(task_id, current_actor().scope(READ))
    attempts = [
        {
            "at": one.at.isoformat(),
            "outcome": one.outcome,
            "means": one.means,
            "note": one.note,
            "next_day": None if one.next_day is None else one.next_day.isoformat(),
            "by": one.by_name,
            "taken_back": one.taken_back,
        }
        for one in queries.attempts(task.customer_id, task_id)
    ]
    outcomes = [one.code for one in task.shape.outcomes]
    return {"task": _one(task), "outcomes": outcomes, "attempts": attempts}


@operations.post("/tasks/<int:task_id>/attempts")
@guard(WORK)
@operations.takes_key
@operations.arguments(AttemptBody)
@operations.response(201, RecordedAnswer)
def record(asked: dict[str, Any], task_id: int) -> dict[str, Any]:
    """Record a try; refused once the task has ended, by whom and when, and while somebody else works on it."""
    attempt = Attempt(
        asked["outcome"], asked["note"], asked["next_day"], asked["next_at"], tuple(asked["answers"].items())
    )

    def work() -> dict[str, Any]:
        recorded = service.record(task_id, attempt, seen=asked["seen"], **_how())
        return {"task": _one(recorded.task), "follower": recorded.follower_id}

    return _once("record", task_id, work)


@operations.post("/tasks/<int:task_id>:skip")
@guard(WORK)
@operations.takes_key
@operations.arguments(SkipBody)
@operations.response(200, RecordedAnswer)
def skip(asked: dict[str, Any], task_id: int) -> dict[str, Any]:
    """End a task that is not to be done, with the reason."""

    def work() -> dict[str, Any]:
        recorded = service.skip(task_id, asked["reason"], **_how())
        return {"task": _one(recorded.task), "follower": None}

    return _once("skip", task_id, work)


@operations.post("/tasks/<int:task_id>:undo")
@guard(WORK)
@operations.takes_key
@operations.response(200, RecordedAnswer)
def undo(task_id: int) -> dict[str, Any]:
    """Take back what was last recorded; refused after 10 minutes, after another act, and to others."""

    def work() -> dict[str, Any]:
        return {"task": _one(service.undo(task_id, **_how())), "follower": None}

    return _once("undo", task_id, work)


@operations.post("/tasks:reassign")
@guard(WORK)
@operations.takes_key
@operations.arguments(ReassignBody)
@operations.response(200, SweptAnswer)
def reassign(asked: dict[str, Any]) -> dict[str, Any]:
    """Give tasks to a person; those that this does not fit are left and listed."""

    def work() -> dict[str, Any]:
        to = None if asked["to"] is None else account_id(asked["to"])
        swept = service.reassign(asked["tasks"], to, **_how())
        return {"changed": swept.done, "left": [_left(one) for one in swept.left]}

    return _once("reassign", 0, work)


def _how() -> dict[str, Any]:
    actor = current_actor()
    return {"scope": actor.scope(WORK), "now": request_now(), "by": actor}


def _once(act: str, task_id: int, work: Any) -> dict[str, Any]:
    return answer_once(f"tasks.{act}:{task_id}", request.get_json(silent=True), work)


def _left(one: Left) -> dict[str, Any]:
    problem: Refused | Malformed = one.why
    if isinstance(problem, Malformed):
        message = " ".join(say_line(line) for lines in problem.errors.values() for line in lines)
    else:
        message = say(problem.sentence, problem.details)
    return {"id": one.task.id, "code": problem.code, "message": message}


def _one(task: Brief) -> dict[str, Any]:
    (row,) = queries.rows_of([task])
    return _json(row, request_now())


def _json(row: Row, now: datetime) -> dict[str, Any]:
    task = row.task
    return {
        "id": task.id,
        "kind": task.kind,
        "title": gettext(task.shape.title),
        "what": say(task.sentence, task.numbers),
        "customer": customer_number(task.customer_id),
        "vehicle": None if row.vehicle is None else row.vehicle.vin,
        "store": task.store_code,
        "owner": task.owner,
        "due_from": task.due_from.isoformat(),
        "due_to": task.due_to.isoformat(),
        "due_at": task.due_at.isoformat() if task.timed else None,
        "state": task.shown_state(now),
        "outcome": task.outcome,
        "tries": task.tries,
        "reasons": [say(one.sentence, one.values) for one in task.why],
        "seq": task.seq,
    }
