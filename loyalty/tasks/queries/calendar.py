"""What is due on which day: counts for a month, rows for a week."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from loyalty.kernel.db import db
from loyalty.tasks.models import Task
from loyalty.tasks.queries.queue import brief_of, briefs, rows_of
from loyalty.tasks.queries.views import Row
from loyalty.tasks.rules import LIVE

MOST_ON_A_PAGE = 400


def due_between(since: date, until: date, stores: Sequence[int], owner: int | None) -> list[Row]:
    """Return open tasks whose last day lies between two days, both included, by time; some 400 at most."""
    chosen = briefs().where(*_between(since, until, stores, owner)).order_by(Task.due_to, Task.due_at, Task.id)
    return rows_of([brief_of(row) for row in db.session.execute(chosen.limit(MOST_ON_A_PAGE))])


def due_counts(since: date, until: date, stores: Sequence[int], owner: int | None) -> Mapping[date, int]:
    """Return how many open tasks end on each of these days; days without any are left out."""
    chosen = select(Task.due_to, func.count()).where(*_between(since, until, stores, owner)).group_by(Task.due_to)
    return dict(db.session.execute(chosen).all())


def _between(since: date, until: date, stores: Sequence[int], owner: int | None) -> list[ColumnElement[bool]]:
    chosen: list[Any] = [Task.state.in_(LIVE), Task.due_to.between(since, until), Task.store_id.in_(list(stores))]
    return chosen if owner is None else [*chosen, Task.owner_id == owner]
