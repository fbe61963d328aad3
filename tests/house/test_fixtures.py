"""What the fixtures promise to every other test."""

import threading
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from loyalty.kernel.db import db, transaction
from loyalty.kernel.schedule import ScheduleRun
from loyalty.web.guards import open_to_all


def row(name):
    start = datetime(2026, 3, 12, tzinfo=UTC)
    return ScheduleRun(name=name, slot="1", zone="Asia/Shanghai", day=start.date(), due_at=start)


def count():
    return db.session.scalar(select(func.count()).select_from(ScheduleRun))


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(db_session, turn):
    with transaction() as session:
        session.add(row("kept"))

    assert count() == 1


def test_what_fails_inside_a_transaction_leaves_what_was_committed_before(db_session):
    with transaction() as session:
        session.add(row("kept"))

    with pytest.raises(IntegrityError), transaction() as session:
        session.add(row("kept"))

    assert count() == 1


def test_deferred_constraints_are_checked_at_each_commit(db_session):
    db.session.execute(text("CREATE TEMP TABLE one (id int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))

    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(text("INSERT INTO one VALUES (1), (1)"))


def test_a_request_works_in_the_test_transaction_and_in_its_own_session(client, app, monkeypatch):
    def add_one():
        with transaction() as session:
            session.add(row("asked"))
        return str(id(db.session()))

    own = db.session()
    with app.test_request_context():
        pass
    monkeypatch.setitem(app.view_functions, "health.alive", open_to_all(add_one))

    answer = client.get("/healthz")

    assert answer.text != str(id(own))
    assert count() == 1


def test_committed_rows_are_seen_by_other_threads(committed, app):
    with transaction() as session:
        session.add(row("kept"))
    seen = []

    def look():
        with app.app_context():
            seen.append(count())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [1]


def test_a_live_server_answers(live_server):
    answer = requests.get(f"{live_server.url}/healthz", timeout=5)

    assert answer.status_code == 200


def test_the_clock_stands_until_it_is_moved(clock):
    assert clock() == clock() == datetime(2026, 3, 12, 6, 8, tzinfo=UTC)

    clock.advance(days=1, hours=2)

    assert clock() == datetime(2026, 3, 13, 8, 8, tzinfo=UTC)
