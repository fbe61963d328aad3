"""The queue: what is due by now and not done, whoever it belongs to."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from loyalty.customers.models import Customer, Identifier
from loyalty.customers.queries import customers_by_ids, vehicles_by_ids
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel import paging
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import day_at, midnight
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.staff.models import Account, Store
from loyalty.staff.queries import stores
from loyalty.tasks.models import Task
from loyalty.tasks.queries.views import CAPPED, Brief, Counts, Row
from loyalty.tasks.rules import LIVE, VIEW_TITLES, TaskNotFound, kinds

MINE, EVERYBODY, NOBODY = "mine", "all", "nobody"
OVERDUE = "overdue"
BY_TIME, BY_PRIORITY = "time", "priority"

Days = Mapping[int, date]
"""The day of now in each store of a scope."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which open tasks to list; None leaves a part open.

    `owner` is the account they belong to, 0 for those of nobody; `view` one of `VIEW_TITLES` or "overdue". `until` also
    lists what begins later, up to that day; without, only what has begun.
    """

    owner: int | None = None
    view: str | None = None
    kind: str | None = None
    store_id: int | None = None
    customer_id: int | None = None
    since: date | None = None
    until: date | None = None
    sort: str = BY_TIME


def days_of(scope: Scope, now: datetime) -> Days:
    """Return the day of now in each store of the scope."""
    return {store.id: day_at(now, store.zone) for store in stores(scope)}


def queue(
    wanted: Filter, days: Days, *, cursor: str | None = None, limit: int = 50, ids: Collection[int] | None = None
) -> Page[Row]:
    """Return open tasks of these stores, the most pressing first; with `ids` only those among them."""
    chosen = briefs().where(*_conditions(wanted, days))
    if ids is not None:
        chosen = chosen.where(Task.id == any_id(ids))
    order, readers = _order(wanted)
    if cursor is not None:
        chosen = chosen.where(order > tuple_(*decode_cursor(cursor, readers)))
    found = [brief_of(row) for row in db.session.execute(chosen.order_by(*order).limit(limit + 1))]
    shown = found[:limit]
    return Page(rows_of(shown), _cursor(shown[-1], wanted) if len(found) > limit else None)


def every(wanted: Filter, days: Days, *, most: int) -> Iterator[Row]:
    """Give the tasks of `queue`, at most so many, for an export."""
    return paging.every(lambda cursor, limit: queue(wanted, days, cursor=cursor, limit=limit), most=most)


def ids_of(wanted: Filter, days: Days, *, most: int) -> list[int]:
    """Return the numbers of the tasks of `queue`, at most so many."""
    order, _ = _order(wanted)
    return list(db.session.scalars(select(Task.id).where(*_conditions(wanted, days)).order_by(*order).limit(most)))


def next_id(wanted: Filter, days: Days, after: Brief) -> int | None:
    """Return the task that follows one in the list, or else the first of the list; None when nothing is left."""
    order, readers = _order(wanted)
    others = select(Task.id).where(*_conditions(wanted, days), Task.id != after.id).order_by(*order).limit(1)
    behind = others.where(order > tuple_(*decode_cursor(_cursor(after, wanted), readers)))
    return db.session.scalar(behind) or db.session.scalar(others)


def counts(wanted: Filter, days: Days, *, now: datetime) -> Counts:
    """Return how many open tasks there are of the filter's owner, kind and store, by tab, and how many were done."""
    base = Filter(owner=wanted.owner, kind=wanted.kind, store_id=wanted.store_id)
    open_ = (
        select(Task.kind, (Task.due_at < now).label("late")).where(*_conditions(base, days)).limit(CAPPED).subquery()
    )
    tally = select(open_.c.kind, open_.c.late, func.count()).group_by(open_.c.kind, open_.c.late)
    by_view: Counter[str] = Counter()
    overdue = 0
    for kind, late, count in db.session.execute(tally):
        by_view[kinds()[kind].view] += count
        overdue += count if late else 0
    told = {view: by_view[view] for view in VIEW_TITLES}
    return Counts(by_view.total(), overdue, told, _done(base, days, now))


def has_tasks(days: Days) -> bool:
    """Return whether these stores ever had a task."""
    return db.session.scalar(select(Task.id).where(Task.store_id == any_id(days)).limit(1)) is not None


def brief(task_id: int, scope: Scope) -> Brief:
    """Return a task; not found where there is none, or it lies outside the scope."""
    for row in db.session.execute(briefs().where(Task.id == task_id, *within(scope))):
        return brief_of(row)
    raise TaskNotFound(task=task_id)


def rows_of(found: Sequence[Brief]) -> list[Row]:
    """Return the tasks with their customers, phones and vehicles: three statements for any number."""
    people = customers_by_ids({one.customer_id for one in found})
    cars = vehicles_by_ids({one.vehicle_id for one in found if one.vehicle_id is not None})
    tails = phone_tails({one.customer_id for one in found})
    return [
        Row(one, people[one.customer_id], tails.get(one.customer_id), cars.get(one.vehicle_id or 0)) for one in found
    ]


def phone_tails(customer_ids: Collection[int]) -> dict[int, str]:
    """Return the last digits of the first phone of each customer that has one."""
    chosen = (
        select(Identifier.customer_id, Identifier.tail)
        .where(Identifier.customer_id == any_id(customer_ids), Identifier.kind == "phone", Identifier.tail.is_not(None))
        .ext(distinct_on(Identifier.customer_id))
        .order_by(Identifier.customer_id, Identifier.id)
    )
    return {at: tail for at, tail in db.session.execute(chosen) if tail is not None}


def briefs() -> Select[Any]:
    """Return the statement whose rows `brief_of` reads."""
    owner, taker, ender = aliased(Account), aliased(Account), aliased(Account)
    return (
        select(
            Task.id,
            Task.customer_id,
            Task.kind,
            Task.sentence,
            Task.numbers,
            Task.remarks,
            Task.vehicle_id,
            Task.store_id,
            Task.owner_id,
            Task.due_from,
            Task.due_to,
            Task.due_at,
            Task.timed,
            Task.priority,
            Task.about_kind,
            Task.about_id,
            Task.follows_id,
            Task.state,
            Task.outcome,
            Task.tries,
            Task.reason,
            Task.taken_by,
            Task.taken_until,
            Task.seq,
            Task.opened_at,
            Task.ended_at,
            Task.ended_by,
            Store.name,
            Store.code,
            Store.zone,
            owner.name,
            taker.name,
            ender.name,
        )
        .join(Store, Store.id == Task.store_id)
        .outerjoin(owner, owner.id == Task.owner_id)
        .outerjoin(taker, taker.id == Task.taken_by)
        .outerjoin(ender, ender.id == Task.ended_by)
    )


def brief_of(row: Any) -> Brief:
    """Return the task of a row of `briefs`."""
    return Brief(*row)


def _order(wanted: Filter) -> tuple[Any, tuple[Any, ...]]:
    if wanted.sort == BY_PRIORITY:
        return tuple_(-Task.priority, Task.due_at, Task.id), (int, datetime.fromisoformat, int)
    return tuple_(Task.due_at, Task.id), (datetime.fromisoformat, int)


def _cursor(task: Brief, wanted: Filter) -> str:
    first = [-task.priority] if wanted.sort == BY_PRIORITY else []
    return encode_cursor([*first, task.due_at, task.id])


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions under which tasks may be seen."""
    seen: list[ColumnElement[bool]] = []
    if scope.stores is not None:
        seen.append(Task.store_id.in_(sorted(scope.stores)) if scope.stores else false())
    if scope.customer_id is not None:
        seen.append(Task.customer_id == scope.customer_id)
    return seen


def _conditions(wanted: Filter, days: Days) -> list[ColumnElement[bool]]:
    at = wanted.store_id
    there: Days = {at: days[at]} if at is not None and at in days else days
    chosen: list[ColumnElement[bool]] = [Task.state.in_(LIVE), _begun(there, wanted)]
    if wanted.owner is not None:
        chosen.append(Task.owner_id.is_(None) if wanted.owner == 0 else Task.owner_id == wanted.owner)
    if wanted.customer_id is not None:
        chosen.append(Task.customer_id == wanted.customer_id)
    if wanted.kind is not None:
        chosen.append(Task.kind == wanted.kind)
    if wanted.view == OVERDUE:
        chosen.append(or_(false(), *[and_(Task.store_id == at, Task.due_to < day) for at, day in there.items()]))
    elif wanted.view is not None:
        chosen.append(Task.kind.in_([code for code, kind in kinds().items() if kind.view == wanted.view]))
    if wanted.since is not None:
        chosen.append(Task.due_to >= wanted.since)
    return chosen


def _begun(days: Days, wanted: Filter) -> ColumnElement[bool]:
    """Return the condition that a task of these stores has begun: stores of one day are asked about together."""
    if wanted.until is not None:
        return and_(Task.store_id.in_(sorted(days)), Task.due_from <= wanted.until)
    stores_of: dict[date, list[int]] = {}
    for at, day in days.items():
        stores_of.setdefault(day, []).append(at)
    parts = [and_(Task.store_id.in_(sorted(there)), Task.due_from <= day) for day, there in stores_of.items()]
    return or_(false(), *parts)


def _done(wanted: Filter, days: Days, now: datetime) -> int:
    """Return how many tasks people have ended since midnight."""
    zones = {store.id: store.zone for store in stores(Scope(stores=frozenset(days)))}
    since = [and_(Task.store_id == at, Task.ended_at >= midnight(day, zones[at])) for at, day in days.items()]
    chosen = select(func.count()).where(Task.ended_by.is_not(None), Task.ended_at <= now, or_(false(), *since))
    if wanted.owner:
        chosen = chosen.where(Task.ended_by == wanted.owner)
    if wanted.kind is not None:
        chosen = chosen.where(Task.kind == wanted.kind)
    return db.session.scalar(chosen) or 0


def holds_customer(customer_ids: Collection[int]) -> Select[Any]:
    """Return the statement of the tasks of these customers, the latest first."""
    return briefs().where(Task.customer_id == any_id(customer_ids)).order_by(Task.id.desc())


def advisors(customer_ids: Collection[int]) -> dict[int, int]:
    """Return the advisor of each customer that has one."""
    chosen = select(Customer.id, Customer.advisor_id).where(
        Customer.id == any_id(customer_ids), Customer.advisor_id.is_not(None)
    )
    return {at: advisor for at, advisor in db.session.execute(chosen) if advisor is not None}
