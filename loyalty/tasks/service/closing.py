"""Ending tasks without a person: the fact they hung on has changed, or the plan was stopped."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.tasks.models import Task
from loyalty.tasks.queries import Brief, locked_all
from loyalty.tasks.rules import LIVE, State
from loyalty.tasks.service.rows import Change, write_changes


def void(about_kind: str, about_ids: Collection[int], *, reason: str, now: datetime, by: Actor) -> int:
    """End what hangs on these facts, since they have changed; return how many. `reason` is an English sentence."""
    return _end(about_kind, about_ids, State.VOID, reason, now=now, by=by)


def stop(about_kind: str, about_ids: Collection[int], *, reason: str, now: datetime, by: Actor) -> int:
    """End what hangs on these, since it is not wanted any more; return how many. `reason` is an English sentence."""
    return _end(about_kind, about_ids, State.STOPPED, reason, now=now, by=by)


def close_tasks(tasks: Sequence[Brief], state: State, reason: str, *, now: datetime, by: Actor) -> None:
    """End these locked tasks."""
    ended: dict[str, Any] = {"state": state, "reason": reason, "ended_at": now, "taken_by": None, "taken_until": None}
    write_changes([Change(one, replace(one, **ended), {"reason": reason}) for one in tasks], state, now=now, by=by)


def _end(about_kind: str, about_ids: Collection[int], state: State, reason: str, *, now: datetime, by: Actor) -> int:
    if not about_ids:
        return 0
    with transaction() as session:
        live = select(Task.id).where(
            Task.about_kind == about_kind, Task.about_id == any_id(about_ids), Task.state.in_(LIVE)
        )
        found = locked_all(session.scalars(live))
        live_still = [one for one in found if one.live]
        close_tasks(live_still, state, reason, now=now, by=by)
        return len(live_still)
