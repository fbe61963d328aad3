"""What the database itself refuses, each with its negative control: without the safeguard the same goes through."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from loyalty.points.models import PointsAccount

TABLES = ("ledger_transactions", "ledger_postings", "ledger_allocations")
CHANGES = {
    "update": "UPDATE {table} SET points = points + 1",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
}

LONELY = """
    INSERT INTO ledger_transactions (customer_id, account_id, kind, debit, credit, points, key, part, content,
        source_kind, source_number, occurred_at, booked_at, business_day, reason, actor_kind, actor_name)
    SELECT customer_id, account_id, kind, debit, credit, points, 'lonely', 1, '', source_kind, source_number,
        occurred_at, booked_at, business_day, reason, actor_kind, actor_name
    FROM ledger_transactions ORDER BY id LIMIT 1
"""
POSTINGS = """
    INSERT INTO ledger_postings (customer_id, transaction_id, number, place, points)
    SELECT customer_id, id, n, 'available', n FROM reversal, (VALUES (-1), (1)) AS n(n)
"""
UNEVEN = """
    INSERT INTO ledger_postings (customer_id, transaction_id, number, place, points)
    SELECT customer_id, id, n, 'available', 1 FROM ledger_transactions, (VALUES (7), (8)) AS n(n)
"""


@pytest.fixture
def booked(desk, member):
    desk.award(member, 100)
    desk.take(member, 10, sale=1)
    return member


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_booked_cannot_be_changed(booked, db_session, table, change):
    with pytest.raises(DBAPIError, match="is append-only"):
        db_session.execute(text(CHANGES[change].format(table=table)))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_without_its_trigger_a_row_could_be_changed(booked, db_session, unguard, table, change):
    unguard()

    assert db_session.execute(text(CHANGES[change].format(table=table))).rowcount


def test_a_transaction_without_postings_is_refused(booked, db_session):
    with pytest.raises(IntegrityError, match="does not sum to 0"):
        db_session.execute(text(LONELY))


def test_without_its_trigger_a_transaction_could_lack_postings(booked, db_session, unguard):
    unguard()
    db_session.execute(text(LONELY))

    db_session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_postings_that_do_not_sum_to_zero_are_refused(booked, db_session):
    with pytest.raises(IntegrityError, match="do not sum to 0"):
        db_session.execute(text(UNEVEN))


def test_without_its_trigger_an_older_transaction_could_be_unbalanced(booked, db_session, unguard):
    unguard()

    assert db_session.execute(text(UNEVEN)).rowcount


@pytest.mark.parametrize("figure", ["available", "pending", "held", "debt"])
def test_no_figure_of_an_account_falls_below_zero(booked, db_session, figure):
    with pytest.raises(IntegrityError, match="not_below_zero"):
        db_session.execute(update(PointsAccount).values({figure: -1}))


@pytest.mark.parametrize("remaining", [-1, 1_000_000])
def test_a_lot_holds_between_nothing_and_its_size(booked, db_session, remaining):
    with pytest.raises(IntegrityError):
        db_session.execute(text("UPDATE points_lots SET remaining = :remaining"), {"remaining": remaining})


def test_a_transaction_is_reversed_once(booked, db_session):
    again = LONELY.replace("actor_name)", "actor_name, reverses_id)").replace(
        "actor_name\n    FROM", "actor_name, id\n    FROM"
    )
    again = f"WITH reversal AS ({again} RETURNING customer_id, id) {POSTINGS}"
    db_session.execute(text(again))

    with pytest.raises(IntegrityError, match="reverses_id"):
        db_session.execute(text(again.replace("'lonely'", "'another'")))
