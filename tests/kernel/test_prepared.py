from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from loyalty.kernel import prepared
from loyalty.kernel.db import db, run, transaction

EACH = text("SELECT CAST(:number AS integer) AS number, '100%' AS share, :number AS again")
OFTEN = 7  # more often than the driver waits before it prepares a statement of its own


@pytest.fixture(autouse=True)
def _database(committed):
    """A database of its own, where a rollback is one."""


def _rolled_back():
    """Let the driver prepare a statement of its own and forget it, and ours, at a rollback."""
    with suppress(LookupError), transaction() as session:
        for _ in range(OFTEN):
            session.execute(text("SELECT 1"))
        raise LookupError


def _on_server():
    """Which of our statements PostgreSQL keeps for this connection."""
    return db.session.scalars(text("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'loyalty%'")).all()


def test_values_stand_at_their_places_and_rows_have_the_names_of_the_columns():
    (row,) = run(EACH, {"number": 5})

    assert (row.number, row.share, row.again) == (5, "100%", 5)


def test_a_statement_is_prepared_once():
    for number in range(3):
        run(EACH, {"number": number})

    assert len(_on_server()) == 1


def test_after_a_rollback_it_is_prepared_anew():
    run(EACH, {"number": 1})
    _rolled_back()
    before = _on_server()

    (row,) = run(EACH, {"number": 2})

    assert (before, row.number, len(_on_server())) == ([], 2, 1)


def test_without_forgetting_it_would_not_be_found(monkeypatch):
    monkeypatch.setattr(prepared, "_forget", lambda _info: None)
    run(EACH, {"number": 1})
    _rolled_back()

    with pytest.raises(DBAPIError, match="does not exist"):
        run(EACH, {"number": 2})


def test_where_the_driver_prepares_nothing_neither_do_we(monkeypatch):
    monkeypatch.setattr(db.session.connection().connection.driver_connection, "prepare_threshold", None)

    (row,) = run(EACH, {"number": 2})

    assert (row.number, _on_server()) == (2, [])


def test_who_is_interrupted_on_a_trip_gives_the_connection_up(monkeypatch):
    class TimeIsUp(BaseException):
        pass

    def interrupted(*_more):
        raise TimeIsUp

    with transaction():
        pid = db.session.connection().connection.driver_connection.info.backend_pid
    with monkeypatch.context() as patch, suppress(TimeIsUp), transaction():
        patch.setattr("loyalty.kernel.trips.waiting.wait", interrupted)
        run(EACH, {"number": 1})

    (row,) = run(EACH, {"number": 2})

    assert row.number == 2
    assert db.session.connection().connection.driver_connection.info.backend_pid != pid
