"""Who works on tasks where, and how much each has to do."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, text

from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import db, run
from loyalty.staff.models import Account, Assignment
from loyalty.staff.queries import person_behind, stores
from loyalty.staff.rules import ROLES
from loyalty.tasks.models import Task
from loyalty.tasks.rules import LIVE, Worker

WORK = "tasks.work"
ROLES_THAT_WORK = frozenset(role for role, permissions in ROLES.items() if WORK in permissions)


def workers(store_ids: Collection[int], now: datetime) -> list[Worker]:
    """Return who works on tasks in these stores at that moment, in each of their roles."""
    zones = {store.id: store.zone for store in stores(EVERYTHING)}
    chosen = (
        select(Assignment.account_id, Assignment.store_id, Assignment.role, Assignment.from_day, Assignment.to_day)
        .join(Account, Account.id == Assignment.account_id)
        .where(Account.active, Assignment.ended_at.is_(None), Assignment.role.in_(sorted(ROLES_THAT_WORK)))
        .order_by(Assignment.account_id)
    )
    days = {at: day_at(now, zones[at]) for at in store_ids}
    return [
        Worker(row.account_id, at, row.role)
        for row in db.session.execute(chosen)
        for at, day in days.items()
        if row.store_id in {None, at} and row.from_day <= day and (row.to_day is None or day <= row.to_day)
    ]


def load_of(account_ids: Collection[int]) -> dict[int, int]:
    """Return how many open tasks each of these people has."""
    chosen = (
        select(Task.owner_id, func.count())
        .where(Task.owner_id == any_id(account_ids), Task.state.in_(LIVE))
        .group_by(Task.owner_id)
    )
    return {at: count for at, count in db.session.execute(chosen) if at is not None}


def names_of(account_ids: Collection[int]) -> dict[int, str]:
    """Return the names of these accounts."""
    return dict(db.session.execute(select(Account.id, Account.name).where(Account.id == any_id(account_ids))).all())


def colleagues(store_ids: Collection[int], now: datetime) -> list[tuple[int, str]]:
    """Return who works on tasks in any of these stores, with their names, by name."""
    ids = {one.account_id for one in workers(store_ids, now)}
    return sorted(names_of(ids).items(), key=lambda one: (one[1], one[0]))


def strayed(now: datetime, account_ids: Collection[int] | None = None) -> list[tuple[int, int, int, str]]:
    """Return customer, task, store and kind of open tasks whose person does not work in their store any more."""
    chosen = select(Task.customer_id, Task.id, Task.store_id, Task.kind, Task.owner_id).where(
        Task.state.in_(LIVE), Task.owner_id.is_not(None)
    )
    if account_ids is not None:
        chosen = chosen.where(Task.owner_id == any_id(account_ids))
    else:
        pairs = select(Task.owner_id, Task.store_id).where(Task.state.in_(LIVE), Task.owner_id.is_not(None)).distinct()
        held = {(owner, at) for owner, at in db.session.execute(pairs)}
        there = {(one.account_id, one.store_id) for one in workers({at for _, at in held}, now)}
        gone = {owner for owner, at in held - there if owner is not None}
        if not gone:
            return []
        chosen = chosen.where(Task.owner_id == any_id(gone))
    found = db.session.execute(chosen.order_by(Task.due_at, Task.id)).all()
    there = {(one.account_id, one.store_id) for one in workers({row.store_id for row in found}, now)}
    return [
        (row.customer_id, row.id, row.store_id, row.kind) for row in found if (row.owner_id, row.store_id) not in there
    ]


# Asked with each page of staff, so it is written by hand.
_DUE = text(f"""
    SELECT count(*) AS due FROM tasks t JOIN stores s ON s.id = t.store_id
    WHERE t.owner_id = CAST(:person AS bigint) AND t.state IN ({", ".join(f"'{state.value}'" for state in LIVE)})
        AND t.due_from <= (CAST(:now AS timestamptz) AT TIME ZONE s.zone)::date
""")  # noqa: S608 - states of our own, in the text so that the index of what lives serves


def due_for(actor: Actor, now: datetime) -> int:
    """Return how many open tasks of this person have begun, for the menu."""
    person = person_behind(actor)
    if person is None:
        return 0
    return int(run(_DUE, {"person": person, "now": now})[0].due)
