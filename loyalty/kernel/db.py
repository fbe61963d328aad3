"""The database: one session, one `transaction()`, and batches handed to a statement as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

import orjson
import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.rows import namedtuple_row
from sqlalchemy import BigInteger, Connection, DateTime, MetaData, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table: moments are timestamptz, whole numbers bigint, dicts and lists jsonb."""

    registry: ClassVar[registry] = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            int: BigInteger(),
            dict[str, Any]: JSONB(none_as_null=True),
            list[Any]: JSONB(none_as_null=True),
        },
    )


# Objects stay readable after the commit, since faces show what a service returned.
db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})


@dataclass(slots=True)
class _Open:
    """An open transaction: what runs before its commit and after it, and what is kept for as long as it is open."""

    before: list[Callable[[], None]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    kept: dict[object, Any] = field(default_factory=dict)


_OPEN = "transaction"


@contextmanager
def transaction() -> Iterator[Session]:
    """Hold everything inside together: the outermost commits once, or rolls all back when anything is raised.

    Nested ones join the outermost. Services open it; faces and jobs never do. While it is open, nothing outside the
    database is called; what must follow the commit is given to `after_commit`.
    """
    session: Session = db.session()
    if _OPEN in session.info:
        yield session
        return
    opened = session.info[_OPEN] = _Open()
    try:
        yield session
        for callback in opened.before:
            callback()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)
    for callback in opened.after:
        callback()


def before_commit(callback: Callable[[], None]) -> None:
    """Run `callback` as the last thing of the outermost transaction; never when it is rolled back."""
    _open().before.append(callback)


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` when the outermost transaction has been committed; never when it is rolled back."""
    _open().after.append(callback)


def in_transaction() -> bool:
    """Return whether a transaction is open here."""
    return _OPEN in db.session().info


def kept() -> dict[object, Any]:
    """Return what is kept until the outermost transaction ends, either way: each user has a key of its own."""
    return _open().kept


def _open() -> _Open:
    opened: _Open | None = db.session().info.get(_OPEN)
    if opened is None:
        raise RuntimeError("this belongs inside a transaction")
    return opened


def run(statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """Return the rows (named tuples) of a statement on the path of every sale, inside the session's transaction.

    The driver runs it: SQLAlchemy would take three times as long as the driver and PostgreSQL together. Listeners are
    told and errors are raised as by `db.session.execute`.
    """
    connection: Connection = db.session.connection()
    sql = _sql(statement)
    driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a session has no detached connection
    cursor = driver.cursor(row_factory=namedtuple_row)
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, sql, values, None, False)
    try:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        if driver.closed:
            connection.exec_driver_sql("SELECT 1")  # fails too, and so tells the pool
        raise DBAPIError.instance(sql, dict(values), error, psycopg.Error, dialect=connection.dialect) from error


_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped


@lru_cache(maxsize=256)
def _sql(statement: TextClause) -> str:
    """Return the text of a statement as the driver takes it."""
    return str(statement.compile(dialect=_DIALECT))


def batch(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return `rows` as JSON text for `jsonb_to_recordset(CAST(:rows AS jsonb))`: one parameter for any number."""
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: object) -> object:
    """Return what JSON has no word for as PostgreSQL reads it; moments, days and tuples orjson writes itself."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a batch")


def database_now() -> datetime:
    """Return the database's clock: the only one that decides about leases and due work."""
    moment: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment
