"""Foreign keys that triggers check for all rows of a statement: orphans are refused, and parents stay.

Each with its negative control: without the trigger the same goes through.
"""

import json
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import loyalty.wiring  # noqa: F401 - brings every feature's tables
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import checked_by_set, db
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import plan
from loyalty.points.rules import Ask
from loyalty.points.service import redeem
from loyalty.programme.service import load_file
from loyalty.sales.schemas import read_sale
from loyalty.sales.service import record_sales
from loyalty.staff.service import create_account, create_store
from loyalty.tasks.rules import BY_HAND, NewTask, Sentenced
from loyalty.tasks.service import open_tasks
from loyalty.visits.service import ensure_texts
from tests.bench.machine import HERE

APPEND_ONLY = {"ledger_transactions", "ledger_postings", "ledger_allocations", "task_changes"}
NOBODY = -1
WORDS = {"customer": "王芳", "store": "东店"}
OTHER = "other"  # stands for the customer of whom nothing else is known
REFUSED = "stays as it is|append-only|is active: .* refused"
# What a copy of a row must have of its own, beside the key that is tried.
OWN = {
    "external_numbers": {"number": "another"},
    "identifiers": {"id": -2},
    "ownerships": {"id": -2, "role": "driver"},
    "sales": {"id": -2},
    "customers": {"id": -2},
    "ledger_transactions": {"id": -2, "key": "another"},
    "ledger_postings": {"number": 9},
    "ledger_allocations": {"position": 9},
    "points_accounts": {"id": -2},
    "points_lots": {"id": -2},
    "award_lines": {"id": -2},
    "timeline_rows": {"id": -2},
    "plan_facts": {"id": -2},
    "level_changes": {"id": -2},
    "tier_evaluations": {"id": -2},
    "members": {"customer_id": OTHER},
    "tasks": {"id": -2, "dedupe_key": "another"},
    "task_changes": {"id": -2},
    "messages": {"id": -2, "dedupe_key": "another"},
}


def held_by_set():
    keys = [key for table in db.metadata.sorted_tables for key in table.foreign_key_constraints if checked_by_set(key)]
    return sorted(keys, key=lambda key: key.name)


KEYS = held_by_set()
PARENTS = sorted({key.referred_table.name for key in KEYS} - APPEND_ONLY)


@pytest.fixture
def filled(clock, db_session):
    """Rows in every table that has such a key: two services lift an owner to silver, who uses some points.

    The owner is to be called by somebody who is at it, and is written to.
    """
    store_id = create_store(code="S1", name="东店", now=clock.now, by=SYSTEM)
    load_file(json.loads((HERE / "programme.json").read_text()), now=clock.now, by=SYSTEM)
    outcomes = record_sales(
        [read_sale(order(number)) for number in ("A-1", "A-2")], mode="create", now=clock.now, by=SYSTEM
    )
    assert {outcome.state for outcome in outcomes} == {"created"}
    redeem(Ask(outcomes[0].customer_id, 10, "r-1", store_id, "car wash"), now=clock.now, by=SYSTEM)
    owner_id = outcomes[0].customer_id
    task = NewTask("t-1", BY_HAND.code, owner_id, store_id, clock.now.date(), clock.now.date(), Sentenced("Call"))
    open_tasks([task], now=clock.now, by=SYSTEM)
    agent = create_account(username="agent", name="Agent", password="Lantern-Harbour-9-Due", now=clock.now, by=SYSTEM)
    taken = text("UPDATE tasks SET owner_id = :agent, taken_by = :agent, taken_until = due_at")
    db_session.execute(taken, {"agent": agent})
    ensure_texts(now=clock.now)
    plan([NewMessage("m-1", owner_id, "visits-thanks", clock.now, WORDS)], now=clock.now, by=SYSTEM)
    db_session.execute(text("INSERT INTO customers (kind, name_key, created_at) VALUES ('person', '', now())"))
    return db_session


def order(number):
    return {
        "source": "core",
        "number": number,
        "kind": "service",
        "store": "S1",
        "customer": {"number": "K-1", "name": "王芳", "phone": "13800000001"},
        "vehicle": {"vin": "LSVAU2A37N2183294"},
        "occurred_at": "2026-03-02T10:00:00+08:00",
        "lines": [
            {
                "number": 1,
                "category": "labour",
                "net": {"minor": 900_000, "currency": "CNY"},
                "gross": {"minor": 900_000, "currency": "CNY"},
            }
        ],
    }


def copy_of(table, values):
    """Return the statement that adds a copy of a row with other values."""
    columns = ", ".join(column.name for column in table.columns if column.computed is None)
    changed = f"jsonb_populate_record(NULL::{table.name}, to_jsonb(one) || CAST(:values AS jsonb))"
    copied = f"SELECT ({changed}).* FROM {table.name} AS one LIMIT 1"  # noqa: S608 - our own tables
    insert = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM ({copied}) AS copied"  # noqa: S608 - the same
    return text(insert).bindparams(values=json.dumps(values))


def orphan_of(session, key):
    """Return the statement that adds a copy of a row whose `key` names nobody."""
    other = session.scalar(text("SELECT max(id) FROM customers"))
    own = {name: other if value == OTHER else value for name, value in OWN.get(key.table.name, {}).items()}
    return copy_of(key.table, own | {own_column(key): NOBODY})


def own_column(key):
    """Return the column of a key that is not the customer's, where it has another."""
    names = [column.name for column in key.columns]
    return next((name for name in names if name != "customer_id"), "customer_id")


@contextmanager
def tried(session):
    """Take back what is tried inside."""
    point = session.begin_nested()
    try:
        yield
    finally:
        point.rollback()


def unguarded(session, table):
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def test_the_tables_that_are_filled_by_many_have_such_keys():
    assert len(KEYS) == 45
    assert PARENTS == [
        "customers",
        "message_template_versions",
        "points_accounts",
        "points_lots",
        "policy_versions",
        "sales",
        "staff_accounts",
        "stores",
        "tasks",
        "tier_standings",
        "vehicles",
    ]


def test_an_orphan_is_refused_by_its_key(filled, subtests):
    for key in KEYS:
        orphan = orphan_of(filled, key)
        with subtests.test(str(key.name)), tried(filled), pytest.raises(IntegrityError, match=f'"{key.name}"'):
            filled.execute(orphan)


def test_without_the_trigger_an_orphan_would_be_added(filled, subtests):
    for key in KEYS:
        orphan = orphan_of(filled, key)
        with subtests.test(str(key.name)), tried(filled):
            unguarded(filled, key.table.name)
            assert filled.execute(orphan).rowcount == 1


def test_a_row_is_not_given_to_nobody_later(filled, subtests):
    for key in KEYS:
        if key.table.name not in APPEND_ONLY:
            name = key.table.name
            first = f"ctid = (SELECT min(ctid) FROM {name})"  # noqa: S608 - our own tables
            moved = text(f"UPDATE {name} SET {own_column(key)} = {NOBODY} WHERE {first}")  # noqa: S608 - our own tables
            with (
                subtests.test(str(key.name)),
                tried(filled),
                pytest.raises(IntegrityError, match=f"{key.name}|{REFUSED}"),
            ):
                filled.execute(moved)


def test_a_parent_stays(filled, subtests):
    for parent in PARENTS:
        key = next(key.elements[-1].column.name for key in KEYS if key.referred_table.name == parent)
        for change in (
            f"DELETE FROM {parent}",  # noqa: S608 - our own tables
            f"TRUNCATE {parent} CASCADE",
            f"UPDATE {parent} SET {key} = {key} + 1000000",  # noqa: S608 - our own tables
        ):
            with (
                subtests.test(change),
                tried(filled),
                pytest.raises(IntegrityError, match=REFUSED),
            ):
                filled.execute(text(change))


def test_without_its_triggers_a_parent_could_leave_its_children(filled):
    with tried(filled):
        unguarded(filled, "tier_standings")
        assert filled.execute(text("DELETE FROM tier_standings")).rowcount == 1
        assert filled.scalar(text("SELECT count(*) FROM level_changes"))


def test_orphans_are_refused_among_many_sound_rows(filled):
    rows = "SELECT customer_id, 'k' || n FROM tier_standings, generate_series(1, 500) AS n UNION ALL SELECT -1, 'k'"

    with tried(filled), pytest.raises(IntegrityError, match="fk_search_keys_customer_id"):
        filled.execute(text(f"INSERT INTO search_keys (customer_id, key) {rows}"))


def test_a_task_takes_its_changes_to_another_customer(filled):
    other = filled.scalar(text("SELECT max(id) FROM customers"))

    filled.execute(text("UPDATE tasks SET customer_id = :other"), {"other": other})

    assert filled.scalars(text("SELECT DISTINCT customer_id FROM task_changes")).all() == [other]
