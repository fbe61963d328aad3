"""Statements of the hot paths, which travel to the database together.

A trip wakes up both sides and costs more than most statements of a sale do. So a statement whose rows are not wanted
yet waits in a queue, and goes with the next one whose rows are: in the order in which they were asked, in one trip,
BEGIN and COMMIT among them. The driver runs them: SQLAlchemy would take three times as long as the driver and
PostgreSQL together. Listeners are told and errors are raised as by `session.execute`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import RowMaker, namedtuple_row
from sqlalchemy import Connection, Engine, Pool, TextClause, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

Driver = psycopg.Connection[Any]

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
_QUEUE = "loyalty.trips"


class Prepared:
    """A statement as the driver takes it, and how its rows become named tuples: found out once for all its runs."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._maker: RowMaker[Any] | None = None

    def rows_of(self, cursor: psycopg.Cursor[Any]) -> RowMaker[Any]:
        """Make rows, as a row factory of the driver."""
        if self._maker is None:
            self._maker = namedtuple_row(cursor)
        return self._maker


@lru_cache(maxsize=512)
def prepared(statement: TextClause) -> Prepared:
    """Return the statement as the driver takes it."""
    return Prepared(str(statement.compile(dialect=_DIALECT)))


class Asked:
    """A statement that was asked; its rows are there when they are wanted."""

    def __init__(self, statement: Prepared, values: Mapping[str, Any], send: Callable[[], None]) -> None:
        self.statement = statement
        self.values = values
        self.answer: list[Any] | None = None
        self._send = send

    def rows(self) -> list[Any]:
        """Return the rows as named tuples, none for a statement without any; sends it when it still waits."""
        if self.answer is None:
            self._send()
        if self.answer is None:
            raise RuntimeError("the transaction in which this was asked is over")
        return self.answer


class Queue:
    """What waits for the next trip of a transaction, or of a single statement outside one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Driver = _driver_of(connection)
        self._waiting: list[Asked] = []
        self._info = connection.info  # kept, since after the commit a connection does not tell it any more
        self._info[_QUEUE] = self

    def ask(self, statement: TextClause, values: Mapping[str, Any]) -> Asked:
        """Add a statement."""
        asked = Asked(prepared(statement), values, self.send)
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
            cursors = self._travel(waiting, commit=commit)
        except psycopg.Error as error:
            if self._driver.closed:
                self._connection.exec_driver_sql("SELECT 1")  # fails too, and so tells the pool
            sql = ";\n".join(asked.statement.sql for asked in waiting)
            dialect = self._connection.dialect
            raise DBAPIError.instance(sql, None, error, psycopg.Error, dialect=dialect) from error
        for asked, cursor in zip(waiting, cursors, strict=True):
            asked.answer = cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []

    def forget(self) -> None:
        """Forget what still waits."""
        self._waiting = []

    def close(self) -> None:
        """Forget what still waits: its transaction is over."""
        self.forget()
        self._info.pop(_QUEUE, None)

    def _travel(self, waiting: Sequence[Asked], *, commit: bool) -> list[psycopg.Cursor[Any]]:
        begins = not self._driver.autocommit and self._idle()
        if len(waiting) == 1 and not begins and not commit:
            return [self._execute(waiting[0])]
        with self._driver.pipeline():
            cursors = [self._execute(asked) for asked in waiting]
            if commit:
                self._driver.execute("COMMIT")
        return cursors

    def _idle(self) -> bool:
        return self._driver.pgconn.transaction_status == TransactionStatus.IDLE

    def _execute(self, asked: Asked) -> psycopg.Cursor[Any]:
        cursor = self._driver.cursor(row_factory=asked.statement.rows_of)
        return cursor.execute(asked.statement.sql, asked.values)


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
