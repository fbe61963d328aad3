from contextlib import suppress

import pytest
from sqlalchemy import text

from loyalty.kernel.db import db, transaction
from loyalty.kernel.journal import MOST_WAITING, Journal, write_waiting

ROWS = Journal("journal_rows", {"number": "bigint"})
MORE = Journal("journal_more", {"number": "bigint"})


class _GivenUp(Exception):
    pass


@pytest.fixture(autouse=True)
def _tables(db_session):
    for table in ("journal_rows", "journal_more"):
        db_session.execute(text(f"CREATE TEMP TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY, number bigint)"))
    db_session.commit()


def _written(table="journal_rows"):
    return list(db.session.scalars(text(f"SELECT number FROM {table} ORDER BY id")))  # noqa: S608 - names from above


def _numbers(*numbers):
    return [{"number": number} for number in numbers]


def test_rows_wait_until_the_transaction_ends_and_keep_their_order():
    with transaction():
        ROWS.add(_numbers(3, 1))
        MORE.add(_numbers(7))
        ROWS.add(_numbers(2))
        before = _written()

    assert before == []
    assert (_written(), _written("journal_more")) == ([3, 1, 2], [7])


def test_a_reader_in_the_same_transaction_has_them_written_first_and_once():
    with transaction():
        ROWS.add(_numbers(1))
        write_waiting()
        seen = _written()

    assert seen == _written() == [1]


def test_what_is_rolled_back_is_not_written_by_the_next_transaction():
    with suppress(_GivenUp), transaction():
        ROWS.add(_numbers(1))
        raise _GivenUp
    with transaction():
        MORE.add(_numbers(2))

    assert (_written(), _written("journal_more")) == ([], [2])


def test_what_a_savepoint_takes_back_is_not_written_either():
    with transaction() as session:
        inner = session.begin_nested()
        ROWS.add(_numbers(1))
        inner.rollback()
        ROWS.add(_numbers(2))

    assert _written() == [2]


def test_rows_that_wait_as_a_savepoint_begins_are_not_lost_in_silence():
    with transaction() as session:
        ROWS.add(_numbers(1))
        inner = session.begin_nested()

        with pytest.raises(RuntimeError):
            write_waiting()

        inner.rollback()


def test_many_rows_do_not_wait():
    with transaction():
        ROWS.add(_numbers(*range(MOST_WAITING - 1)))
        few = len(_written())
        ROWS.add(_numbers(0))
        many = len(_written())

    assert (few, many) == (0, MOST_WAITING)


def test_rows_belong_inside_a_transaction():
    with pytest.raises(RuntimeError):
        ROWS.add(_numbers(1))
