"""How changes of tasks are written: the rows and their history in one statement, however many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, db
from loyalty.tasks.queries import Brief
from loyalty.tasks.rules import may_move
from loyalty.tasks.rules.states import State

_WRITTEN = (
    "state",
    "outcome",
    "reason",
    "owner_id",
    "due_from",
    "due_to",
    "due_at",
    "timed",
    "tries",
    "taken_by",
    "taken_until",
    "ended_at",
    "ended_by",
)

_WRITE = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
            customer_id bigint, id bigint, before text, state text, outcome text, reason text, owner_id bigint,
            due_from date, due_to date, due_at timestamptz, timed boolean, tries integer, taken_by bigint,
            taken_until timestamptz, ended_at timestamptz, ended_by bigint, detail jsonb)
    ), written AS (
        UPDATE tasks AS t SET
            state = g.state, outcome = g.outcome, reason = g.reason, owner_id = g.owner_id, due_from = g.due_from,
            due_to = g.due_to, due_at = g.due_at, timed = g.timed, tries = g.tries, taken_by = g.taken_by,
            taken_until = g.taken_until, ended_at = g.ended_at, ended_by = g.ended_by, seq = t.seq + 1
        FROM given AS g WHERE t.customer_id = g.customer_id AND t.id = g.id
        RETURNING t.customer_id, t.id, t.seq, g.before, g.state, g.detail
    )
    INSERT INTO task_changes (customer_id, task_id, seq, at, act, before, after, detail, by_kind, by_id, by_name)
    SELECT customer_id, id, seq, :at, :act, before, state, coalesce(detail, '{}'), :by_kind, :by_id, :by_name
    FROM written ORDER BY id
""")

BACK = ("due_from", "due_to", "due_at", "timed", "tries", "owner_id")
"""What undoing brings back."""


@dataclass(frozen=True, slots=True)
class Change:
    """A task before and after, with what is to be remembered of the change."""

    before: Brief
    after: Brief
    detail: Mapping[str, Any] = field(default_factory=dict)


def write_changes(changes: Sequence[Change], act: str, *, now: datetime, by: Actor) -> None:
    """Write the tasks and a history row for each; call it inside a transaction, with the tasks locked."""
    rows = [_row(one) for one in changes]
    for one in changes:
        if not may_move(State(one.before.state), State(one.after.state)):
            raise RuntimeError(f"a task cannot go from {one.before.state} to {one.after.state}")
    if rows:
        who = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
        db.session.execute(_WRITE, {"rows": batch(rows), "at": now, "act": act, **who})


def _row(one: Change) -> dict[str, Any]:
    values = {name: getattr(one.after, name) for name in _WRITTEN}
    kept = {name: getattr(one.before, name) for name in BACK}
    about = {"customer_id": one.before.customer_id, "id": one.before.id, "before": one.before.state}
    return about | values | {"detail": {**one.detail, "was": kept}}
