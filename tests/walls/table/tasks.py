"""Tasks of people: each belongs to a store. Who comes first ends it, and the others are told so."""

from tests.walls.row import DONE, read, write

FIRST = DONE | {409}


def chosen(target):
    """Put the task off, on the page for many."""
    return {"act": "move", "task": target["task_id"], "day": "2027-01-04"}


def given(target):
    """Give the task to somebody: whoever works on tasks in another store is refused, and the task listed."""
    return {"tasks": [target["task_id"]], "to": "care_agent"}


def arranged(target):
    """Arrange a follow-up with the customer."""
    return {"customer": target["number"], "note": "walls", "day": "2027-01-04", "key": "walls"}


ROWS = {
    "GET /staff/today": read("tasks.read", lists="tasks"),
    "GET /staff/today/export.xlsx": read("exports.run", lists="tasks", also="tasks.read"),
    "GET /staff/calendar": read("tasks.read", lists="tasks", query="whose=all"),
    "GET /staff/calendar.ics": read("tasks.read"),
    "GET /staff/tasks/<int:task_id>": read("tasks.read", "task", own=frozenset({302})),
    "GET /staff/tasks/new": read("tasks.work"),
    "POST /staff/tasks/new": write("tasks.work", "customer", sends=arranged, missing=422),
    "POST /staff/tasks/bulk": write("tasks.work", "task", sends=chosen),
    "POST /staff/tasks/<int:task_id>/call": write("tasks.work", "task", own=FIRST),
    "POST /staff/tasks/<int:task_id>/record": write("tasks.work", "task", sends={"outcome": "settled"}, own=FIRST),
    "POST /staff/tasks/<int:task_id>/skip": write("tasks.work", "task", sends={"reason": "walls"}, own=FIRST),
    "POST /staff/tasks/<int:task_id>/undo": write("tasks.work", "task", own=FIRST),
    "GET /api/v1/tasks": read("tasks.read", lists="tasks"),
    "GET /api/v1/tasks/<int:task_id>": read("tasks.read", "task"),
    "POST /api/v1/tasks/<int:task_id>/attempts": write("tasks.work", "task", sends={"outcome": "settled"}, own=FIRST),
    "POST /api/v1/tasks/<int:task_id>:skip": write("tasks.work", "task", sends={"reason": "walls"}, own=FIRST),
    "POST /api/v1/tasks/<int:task_id>:undo": write("tasks.work", "task", own=FIRST),
    "POST /api/v1/tasks:reassign": write("tasks.work", "task", sends=given),
}
