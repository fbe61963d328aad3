"""Statements of the hot paths, which travel to the database together.

A trip wakes up both sides and costs more than most statements of a sale do. So a statement whose rows are not wanted
yet waits in a queue, and goes with the next one whose rows are: in the order in which they were asked, in one trip,
BEGIN and COMMIT among them. They are handed to libpq itself: SQLAlchemy takes three times as long as the driver and
PostgreSQL together, and the driver's cursors a hundred calls of Python for each statement. Listeners are told and
errors are raised as by `session.execute`.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import generators, waiting
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, Pool, TextClause, event
from sqlalchemy.exc import DBAPIError

from loyalty.kernel.prepared import Driver, Prepared, close_forgotten, prepared

LOOK_UP_EVERY = 0.1  # seconds that a wait may last before signals are looked at, as in the driver itself

_QUEUE = "loyalty.trips"
_FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR})


class Asked:
    """A statement that was asked; its rows are there when they are wanted."""

    def __init__(self, statement: Prepared, values: Mapping[str, Any], queue: "Queue") -> None:
        self.statement = statement
        self.values = values
        self.answer: list[Any] | None = None
        self._queue = queue

    def rows(self) -> list[Any]:
        """Return the rows as named tuples, none for a statement without any; sends it when it still waits."""
        if self.answer is None:
            self._queue.send()
        if self.answer is None:
            raise RuntimeError("the transaction in which this was asked is over")
        return self.answer


class Queue:
    """What waits for the next trip of a transaction, or of a single statement outside one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = _driver_of(connection)
        self._info = connection.info  # kept, since after the commit a connection does not tell it any more
        self._info[_QUEUE] = self
        self._waiting: list[Asked] = []
        self.ahead: dict[str, tuple[frozenset[int], Asked]] = {}  # what was asked before anybody wanted to know it

    def ask(self, statement: TextClause, values: Mapping[str, Any]) -> Asked:
        """Add a statement."""
        asked = Asked(prepared(statement), values, self)
        self._waiting.append(asked)
        return asked

    def commit_each(self) -> None:
        """Let each statement be a transaction of its own, where none has begun: it needs neither BEGIN nor COMMIT."""
        if not self._driver.autocommit and self._idle():
            self._driver.autocommit = True

    def send(self, *, commit: bool = False) -> None:
        """Send what waits in one trip and take the answers; `commit` ends the transaction with the same trip."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        for asked in waiting:
            for listener in self._connection.dispatch.before_cursor_execute:
                listener(self._connection, None, asked.statement.sql, asked.values, None, False)
        try:
            self._travel(waiting, commit=commit)
        except psycopg.Error as error:
            self._tell_pool()
            sql = ";\n".join(asked.statement.sql for asked in waiting)
            dialect = self._connection.dialect
            raise DBAPIError.instance(sql, None, error, psycopg.Error, dialect=dialect) from error
        except BaseException:
            self._tell_pool()
            raise

    def forget(self) -> None:
        """Forget what still waits, and what was asked ahead: a savepoint took back the locks, too."""
        self._waiting = []
        self.ahead.clear()

    def close(self) -> None:
        """Forget what still waits: its transaction is over."""
        self.forget()
        self._info.pop(_QUEUE, None)

    def _tell_pool(self) -> None:
        """Have a connection that is lost taken out of the pool: SQLAlchemy finds it out by a statement of its own."""
        if self._driver.closed:
            with suppress(DBAPIError):
                self._connection.exec_driver_sql("SELECT 1")

    def _idle(self) -> bool:
        return self._driver.pgconn.transaction_status == TransactionStatus.IDLE

    def _travel(self, waiting: list[Asked], *, commit: bool) -> None:
        begins = not self._driver.autocommit and self._idle()
        filled = [asked.statement.filled(asked.values, self._driver, self._info) for asked in waiting]
        if len(filled) == 1 and filled[0].known and not begins and not commit:
            waiting[0].answer = filled[0].rows(_sound(filled[0].run()))
            return
        self._driver.pgconn.enter_pipeline_mode()
        aside = close_forgotten(self._driver, self._info) + self._post(b"BEGIN", sent=begins)
        for one in filled:
            one.post()
        self._post(b"COMMIT", sent=commit)
        self._driver.pgconn.pipeline_sync()
        answers = iter(_answers(self._driver))
        for _ in range(aside):
            _sound(next(answers))
        for asked, one in zip(waiting, filled, strict=True):
            if not one.known:
                _sound(next(answers))
                one.note()
            asked.answer = one.rows(_sound(next(answers)))
        for answer in answers:
            _sound(answer)

    def _post(self, command: bytes, *, sent: bool) -> int:
        """Put a command among what travels when it is to be sent; return how many answers it will have."""
        if sent:
            self._driver.pgconn.send_query_params(command, None)
        return int(sent)


def _answers(driver: Driver) -> list[Any]:
    """Return the results of one trip in order, and leave the connection as it was before.

    Whoever is interrupted here, as by the time limit of a job, leaves answers behind that nobody could tell from the
    next ones: so the connection is given up.
    """
    pgconn, answers = driver.pgconn, []
    try:
        got = waiting.wait(generators.execute(pgconn), pgconn.socket, LOOK_UP_EVERY)
        while got[-1].status != ExecStatus.PIPELINE_SYNC:
            answers.append(got[-1])
            got = waiting.wait(generators.fetch_many(pgconn), pgconn.socket, LOOK_UP_EVERY)
        pgconn.exit_pipeline_mode()
    except BaseException:
        driver.close()
        raise
    return answers


def _sound(result: Any) -> Any:
    """Return a result that is none of an error; raise the driver's error otherwise."""
    if result.status in _FAILED:
        error = psycopg.errors.error_from_result(result)
        if error.sqlstate is None:  # the server said nothing: the connection is lost
            raise psycopg.OperationalError(str(error)) from error
        raise error
    return result


def commit_together(connection: Connection) -> None:
    """Let the next statement begin a transaction again, after some were transactions of their own."""
    driver = _driver_of(connection)
    if driver.autocommit:
        driver.autocommit = False


def _driver_of(connection: Connection) -> Driver:
    driver: Driver | None = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a session has no detached connection
    return driver


@event.listens_for(Engine, "before_cursor_execute")
def _keep_the_order(connection: Connection, _cursor: object, sql: str, *_more: object) -> None:
    """Send what waits before SQLAlchemy sends a statement of its own; what a savepoint takes back need not be sent."""
    if (queue := connection.info.get(_QUEUE)) is not None:
        if sql.startswith("ROLLBACK TO SAVEPOINT"):
            queue.forget()
        else:
            queue.send()


@event.listens_for(Engine, "commit")
def _end_with_the_last(connection: Connection) -> None:
    """Send what waits together with the COMMIT, after which the driver finds nothing left to commit."""
    if (queue := connection.info.get(_QUEUE)) is not None:
        queue.send(commit=True)


@event.listens_for(Pool, "checkin")
def _as_it_was(driver: object, _record: object) -> None:
    """Give a connection back as it was taken."""
    if isinstance(driver, psycopg.Connection) and driver.autocommit:
        driver.autocommit = False
