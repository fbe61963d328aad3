"""The last administrator stays: the service says so, and the database whatever the code does."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import queries, service
from loyalty.staff.rules import LastAdministrator

DISABLE = text("UPDATE staff_accounts SET active = false WHERE id = :account")
END = text("UPDATE staff_assignments SET ended_at = now() WHERE account_id = :account")
LIMIT = text("UPDATE staff_assignments SET to_day = '2026-12-31' WHERE account_id = :account")
MOVE = text("UPDATE staff_assignments SET store_id = (SELECT min(id) FROM stores) WHERE account_id = :account")
DELETE = text("DELETE FROM staff_assignments WHERE account_id = :account")
WAYS = {"disabled": DISABLE, "un-roled": END, "given an end": LIMIT, "moved to one store": MOVE, "deleted": DELETE}


@pytest.mark.parametrize("way", WAYS)
def test_the_database_refuses_to_lose_the_last_one(make_account, store, db_session, way):
    last = make_account("admin", "administrator")

    with pytest.raises(IntegrityError), db_session.begin_nested():
        db_session.execute(WAYS[way], {"account": last})

    assert len(queries.account(last).assignments) == 1


@pytest.mark.parametrize("way", WAYS)
def test_one_of_two_may_go(make_account, store, db_session, way):
    first = make_account("admin", "administrator")
    make_account("second", "administrator")

    db_session.execute(WAYS[way], {"account": first})
    db_session.commit()


def test_a_group_without_an_administrator_is_left_alone(make_account, db_session):
    account = make_account("lin.yue", "manager")

    db_session.execute(DISABLE, {"account": account})
    db_session.commit()

    assert not queries.account(account).active


def crosswise(app, both, act):
    """Let two connections take an administrator away at the same time; return who was refused."""
    gate, refused = threading.Barrier(2), []

    def one(account_id):
        with app.app_context():
            gate.wait()
            try:
                act(account_id)
            except (LastAdministrator, IntegrityError) as problem:
                refused.append(problem)

    threads = [threading.Thread(target=one, args=(account_id,)) for account_id in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.fixture
def both(committed, make_account):
    return [make_account("admin", "administrator"), make_account("second", "administrator")]


def lasting():
    with_roles = [queries.account(queries.account_id(name)) for name in ("admin", "second")]
    return sum(one.active and bool(one.assignments) for one in with_roles)


@pytest.mark.parametrize("round_", range(3))
def test_two_who_end_each_other_s_role_leave_one(app, both, clock, round_):
    held = {account: queries.account(account).assignments[0].id for account in both}

    refused = crosswise(
        app, both, lambda account: service.end_assignment(account, held[account], now=clock.now, by=SYSTEM)
    )

    assert (len(refused), lasting()) == (1, 1)


@pytest.mark.parametrize("way", ["disabled", "un-roled"])
def test_two_connections_past_the_service_leave_one(app, committed, both, way):
    def act(account_id):
        committed.execute(WAYS[way], {"account": account_id})
        committed.execute(text("SELECT pg_sleep(0.05)"))
        committed.commit()

    refused = crosswise(app, both, act)

    assert (len(refused), lasting()) == (1, 1)


def test_without_its_lock_the_trigger_would_let_both_go(app, committed, both):
    """The negative control: each sees the other still there."""
    for function in ("keep_an_administrator", "keep_an_administrator_active"):
        body = committed.scalar(text("SELECT pg_get_functiondef(CAST(:name AS regproc))"), {"name": function})
        unlocked = body.replace("PERFORM pg_advisory_xact_lock(hashtext('staff administrators'));", "")
        assert unlocked != body
        committed.execute(text(unlocked.replace(":", r"\:")))
    committed.commit()

    def act(account_id):
        committed.execute(DISABLE, {"account": account_id})
        committed.execute(text("SELECT pg_sleep(0.3)"))
        committed.commit()

    assert crosswise(app, both, act) == []
    assert lasting() == 0
