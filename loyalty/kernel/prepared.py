"""Prepared statements of the hot paths, by the protocol itself, and how their values and rows are written.

The driver keeps prepared statements of its own and throws all away, ours among them, at each ROLLBACK and whenever a
table is dropped or altered; so then ours are forgotten too, and prepared anew.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Pool, TextClause, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Driver = psycopg.Connection[Any]
Info = dict[Any, Any]
"""What is kept with a connection for as long as it lives."""

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
_PLACE = re.compile(r"%(?:%|\((\w+)\)s)")
_NAMES, _FORGOTTEN = "loyalty.prepared", "loyalty.prepared before"
_ENDS_ALL = ("ROLLBACK", "DROP", "ALTER", "DISCARD", "DEALLOCATE")
_numbers = count()
_tuples: Any = namedtuple  # noqa: PYI024 - the names of columns are known when a statement has run


class Prepared:
    """A statement as the driver takes it: written and read in the same way at each of its runs."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.places: list[str] = []
        self.query = _PLACE.sub(self._place, sql).encode()
        self.formats = [PyFormat.AUTO] * len(self.places)
        self._row: Callable[[Any], Any] | None = None

    def filled(self, values: Mapping[str, Any], driver: Driver, info: Info) -> "Filled":
        """Return the statement with its values, ready to be sent."""
        return Filled(self, [values[name] for name in self.places], driver, info)

    def row(self, result: Any) -> Callable[[Any], Any]:
        """Return what makes a named tuple of a row of the result."""
        if self._row is None:
            columns = [result.fname(number).decode() for number in range(result.nfields)]
            self._row = _tuples("Row", columns, rename=True)._make
        return self._row

    def _place(self, found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in self.places:
            self.places.append(name)
        return f"${self.places.index(name) + 1}"


class Filled:
    """One run of a statement on one connection; `known` tells whether it is prepared there already."""

    def __init__(self, statement: Prepared, values: list[Any], driver: Driver, info: Info) -> None:
        self._statement = statement
        self._names: dict[Any, bytes] = info.setdefault(_NAMES, {})
        self._pgconn = driver.pgconn
        self._transformer = Transformer(driver)
        self._values: Any = self._transformer.dump_sequence(values, statement.formats)
        self._key = (statement.query, self._transformer.types)
        name = self._names.get(self._key)
        self.known = name is not None or driver.prepare_threshold is None
        self._name = name or (b"" if self.known else f"loyalty_{next(_numbers)}".encode())

    def run(self) -> Any:
        """Send it alone, wait, and return the result."""
        if self._name:
            return self._pgconn.exec_prepared(self._name, self._values, self._transformer.formats)
        return self._pgconn.exec_params(
            self._statement.query, self._values, self._transformer.types, self._transformer.formats
        )

    def post(self) -> None:
        """Put it among what travels together; what is not known yet is prepared first, with an answer of its own."""
        types, formats = self._transformer.types, self._transformer.formats
        if not self._name:
            self._pgconn.send_query_params(self._statement.query, self._values, types, formats)
            return
        if not self.known:
            self._pgconn.send_prepare(self._name, self._statement.query, types)
        self._pgconn.send_query_prepared(self._name, self._values, formats)

    def note(self) -> None:
        """Remember that it is prepared now."""
        self._names[self._key] = self._name

    def rows(self, result: Any) -> list[Any]:
        """Return the rows of its result as named tuples."""
        if not result.nfields:
            return []
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, self._statement.row(result))


@lru_cache(maxsize=512)
def prepared(statement: TextClause) -> Prepared:
    """Return the statement as the driver takes it."""
    return Prepared(str(statement.compile(dialect=_DIALECT)))


def close_forgotten(driver: Driver, info: Info) -> int:
    """Put the ends of statements that were forgotten among what travels; return how many answers they will have."""
    forgotten: list[bytes] = info.pop(_FORGOTTEN, [])
    for name in forgotten:
        driver.pgconn.send_close_prepared(name)  # no error where the driver has ended it already
    return len(forgotten)


def _forget(info: Info) -> None:
    if names := info.pop(_NAMES, None):
        info.setdefault(_FORGOTTEN, []).extend(names.values())


@event.listens_for(Engine, "rollback")
def _after_rollback(connection: Connection) -> None:
    if not connection.invalidated:  # a connection that was lost took its statements along
        _forget(connection.info)


@event.listens_for(Pool, "reset")
def _before_reset(driver: object, record: Any, _state: object) -> None:
    if isinstance(driver, psycopg.Connection) and driver.pgconn.transaction_status != TransactionStatus.IDLE:
        _forget(record.info)  # the pool is about to roll back what was left open


@event.listens_for(Engine, "after_cursor_execute")
def _after_statement(connection: Connection, cursor: Any, *_more: object) -> None:
    told = getattr(cursor, "statusmessage", None)  # core databases of links may have another driver
    if told and told.startswith(_ENDS_ALL):
        _forget(connection.info)
