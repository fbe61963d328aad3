"""Opening tasks: a batch at once, each key once, and each with somebody to do it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, Actor, Scope
from loyalty.kernel.clock import end_of
from loyalty.kernel.db import batch, run, transaction
from loyalty.staff.queries import stores
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tasks import queries
from loyalty.tasks.rules import (
    BY_HAND,
    ByHand,
    NewTask,
    NotWorkingThere,
    Sentenced,
    Wanted,
    check_next_day,
    kind_of,
    share_out,
)

# Tasks of a batch say much alike: what they share travels once for all of them.
_OPEN = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:groups AS jsonb)) AS g (
            kind text, sentence text, numbers jsonb, remarks jsonb, store_id bigint, due_from date, due_to date,
            due_at timestamptz, timed boolean, priority integer, about_kind text, tasks jsonb),
        jsonb_to_recordset(g.tasks) AS r (
            customer_id bigint, dedupe_key text, vehicle_id bigint, owner_id bigint, about_id bigint, follows_id bigint)
    ), opened AS (
        INSERT INTO tasks (customer_id, dedupe_key, kind, sentence, numbers, remarks, vehicle_id, store_id, owner_id,
            due_from, due_to, due_at, timed, priority, about_kind, about_id, follows_id, opened_at)
        SELECT customer_id, dedupe_key, kind, sentence, numbers, remarks, vehicle_id, store_id, owner_id,
            due_from, due_to, due_at, timed, priority, about_kind, about_id, follows_id, CAST(:at AS timestamptz)
        FROM given
        ON CONFLICT (customer_id, dedupe_key) DO NOTHING
        RETURNING customer_id, id, owner_id
    ), noted AS (
        INSERT INTO task_changes (customer_id, task_id, seq, at, act, after, detail, by_kind, by_id, by_name)
        SELECT customer_id, id, 0, CAST(:at AS timestamptz), 'opened', 'open', jsonb_build_object('owner_id', owner_id),
            :by_kind, CAST(:by_id AS bigint), :by_name
        FROM opened
    )
    SELECT id FROM opened ORDER BY id
""")


def open_tasks(tasks: Sequence[NewTask], *, now: datetime, by: Actor, loads: dict[int, int] | None = None) -> list[int]:
    """Open the tasks whose key is not there yet and return their numbers; some five statements for any number.

    Call it in the transaction of the fact they hang on. Tasks without a person go to the customer's advisor, or to who
    has least to do; where nobody works on tasks in the store, they are nobody's and stand in the list of such.

    Whoever opens batch after batch gives each the same `loads`, empty at first: how much people have to do is counted
    once then, and from there on with each task that they get.
    """
    if not tasks:
        return []
    with transaction():
        owners = _owners(tasks, now, {} if loads is None else loads)
        who = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
        return [row.id for row in run(_OPEN, {"groups": batch(_groups(tasks, owners)), "at": now, **who})]


def open_by_hand(asked: ByHand, *, now: datetime, by: Actor) -> list[int]:
    """Arrange a follow-up with a customer and return its number; the same key opens one.

    Malformed: a day that is past or too far. Refused: a person who does not work on tasks there.
    """
    check_next_day(asked.day, queries.days_of(Scope(stores=frozenset({asked.store_id})), now)[asked.store_id])
    if asked.owner_id is not None:
        check_works_there(asked.owner_id, [asked.store_id], now)
    task = NewTask(
        dedupe_key=f"by_hand:{asked.key}",
        kind=BY_HAND.code,
        customer_id=asked.customer_id,
        store_id=asked.store_id,
        due_from=asked.day,
        due_to=asked.day,
        due_at=asked.due_at,
        what=Sentenced("{note}", {"note": asked.note}),
        about_kind="customer",
        about_id=asked.customer_id,
        owner_id=asked.owner_id,
    )
    about = (asked.customer_id, asked.store_id)
    told = {"day": asked.day}  # what is to be done stands in the task, where it can be forgotten
    with transaction():
        opened = open_tasks([task], now=now, by=by)
        record_audit([AuditEntry("task.opened", "task", at, by, now, *about, after=told) for at in opened])
        return opened


def check_works_there(account_id: int, store_ids: Sequence[int], now: datetime) -> None:
    """Refuse a person who does not work on tasks in all of these stores now."""
    there = {one.store_id for one in queries.workers(store_ids, now) if one.account_id == account_id}
    if not there.issuperset(store_ids):
        raise NotWorkingThere(who=queries.names_of([account_id]).get(account_id, str(account_id)))


def hand_over(now: datetime, by: Actor, *, account_ids: Sequence[int] | None = None, dry_run: bool = False) -> int:
    """Share out anew the open tasks of people who do not work in the store any more; return how many.

    With `account_ids` only theirs: those of who has just left.
    """
    with transaction() as session:
        left = queries.strayed(now, account_ids)
        if dry_run or not left:
            return len(left)
        wanted = [Wanted(store_id, None, kind_of(kind).roles) for _, _, store_id, kind in left]
        there = queries.workers({store_id for _, _, store_id, _ in left}, now)
        takers = share_out(wanted, there, queries.load_of({one.account_id for one in there}))
        rows = [
            {"customer_id": customer_id, "id": task_id, "owner_id": taker}
            for (customer_id, task_id, _, _), taker in zip(left, takers, strict=True)
        ]
        who = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
        session.execute(_HAND_OVER, {"rows": batch(rows), "at": now, **who})
        return len(left)


_HAND_OVER = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, id bigint, owner_id bigint)
    ), written AS (
        UPDATE tasks AS t SET owner_id = g.owner_id, seq = t.seq + 1
        FROM given AS g WHERE t.customer_id = g.customer_id AND t.id = g.id AND t.state IN ('open', 'in_progress')
        RETURNING t.customer_id, t.id, t.seq, t.state, t.owner_id
    )
    INSERT INTO task_changes (customer_id, task_id, seq, at, act, before, after, detail, by_kind, by_id, by_name)
    SELECT customer_id, id, seq, :at, 'handed_over', state, state, jsonb_build_object('owner_id', owner_id),
        :by_kind, :by_id, :by_name
    FROM written ORDER BY id
""")


def follow(before: queries.Brief, day: date, due_at: datetime | None, *, now: datetime, by: Actor) -> int:
    """Open the task that goes on with another one on a day, for the same person; return its number."""
    after = NewTask(
        dedupe_key=f"follows:{before.id}:{before.seq}",
        kind=before.kind,
        customer_id=before.customer_id,
        store_id=before.store_id,
        due_from=day,
        due_to=day,
        due_at=due_at,
        what=before.what,
        vehicle_id=before.vehicle_id,
        priority=before.priority,
        about_kind=before.about_kind,
        about_id=before.about_id,
        owner_id=before.owner_id or by.id,
        follows_id=before.id,
    )
    if after.owner_id is not None:
        there = {one.account_id for one in queries.workers([before.store_id], now)}
        after = after if after.owner_id in there else replace(after, owner_id=None)
    return open_tasks([after], now=now, by=by)[0]


def _owners(tasks: Sequence[NewTask], now: datetime, loads: dict[int, int]) -> list[int | None]:
    nobodys = [one for one in tasks if one.owner_id is None]
    if not nobodys:
        return [one.owner_id for one in tasks]
    advisors = queries.advisors({one.customer_id for one in nobodys})
    there = queries.workers({one.store_id for one in nobodys}, now)
    wanted = [Wanted(one.store_id, advisors.get(one.customer_id), kind_of(one.kind).roles) for one in nobodys]
    if unknown := {one.account_id for one in there} - loads.keys():
        loads |= dict.fromkeys(unknown, 0) | queries.load_of(unknown)
    taken = share_out(wanted, there, loads)
    for owner_id, more in Counter(taken).items():
        if owner_id is not None:
            loads[owner_id] += more
    takers = iter(taken)
    return [one.owner_id if one.owner_id is not None else next(takers) for one in tasks]


def _groups(tasks: Sequence[NewTask], owners: Sequence[int | None]) -> list[dict[str, Any]]:
    """Return the tasks as rows by what they share; texts count as shared where they are the same objects."""
    zones = {store.id: store.zone for store in stores(EVERYTHING)}
    groups: dict[object, dict[str, Any]] = {}
    for one, owner_id in zip(tasks, owners, strict=True):
        days = (one.due_from, one.due_to, one.due_at)
        key = (id(one.what), id(one.remarks), one.kind, one.store_id, *days, one.priority, one.about_kind)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _shared(one, end_of(one.due_to, zones[one.store_id]))
        group["tasks"].append(
            {
                "customer_id": one.customer_id,
                "dedupe_key": one.dedupe_key,
                "vehicle_id": one.vehicle_id,
                "owner_id": owner_id,
                "about_id": one.about_id,
                "follows_id": one.follows_id,
            }
        )
    return list(groups.values())


def _shared(one: NewTask, end: datetime) -> dict[str, Any]:
    kind_of(one.kind)  # a kind that nobody registered could never be shown
    return {
        "kind": one.kind,
        "sentence": one.what.sentence,
        "numbers": dict(one.what.values),
        "remarks": [{"sentence": why.sentence, "numbers": dict(why.values)} for why in one.remarks],
        "store_id": one.store_id,
        "due_from": one.due_from,
        "due_to": one.due_to,
        "due_at": one.due_at or end,
        "timed": one.due_at is not None,
        "priority": one.priority,
        "about_kind": one.about_kind,
        "tasks": [],
    }
