"""The database: one session, one `transaction()`, and batches handed to a statement as JSON."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import orjson
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, MetaData, TextClause, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, registry

from loyalty.kernel.trips import Asked, Queue, commit_together

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


BY_SET = {"checked": "by set"}
"""Marks a foreign key that a trigger checks for all rows of a statement at once, in tables that are filled by many.

PostgreSQL looks row by row and locks the parent each time. Parents of such keys are never deleted and keep their keys;
a task alone may go to another customer, and takes its changes along.
"""


def checked_by_set(key: ForeignKeyConstraint) -> bool:
    """Return whether a trigger checks this foreign key, and the database has no constraint for it."""
    return any(marked.info.get("checked") == BY_SET["checked"] for marked in (key, *key.elements))


# Objects stay readable after the commit, since faces show what a service returned.
db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})


def _session() -> Session:
    """Return the session of this context, asked for often enough to go past what `db.session()` checks each time."""
    return db.session.registry()


@dataclass(slots=True)
class _Open:
    """An open transaction: what runs before its commit and after it, and what is kept for as long as it is open."""

    session: Session
    before: list[Callable[[], None]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    kept: dict[object, Any] = field(default_factory=dict)
    queue: Queue | None = None

    def trips(self) -> Queue:
        """Return what waits to travel; a transaction in which nothing is asked takes no connection."""
        if self.queue is None:
            self.queue = Queue(self.session.connection())
        elif self.session.in_nested_transaction():
            self.session.connection()  # the session sets a savepoint no sooner than it is asked for the connection
        return self.queue

    def close(self) -> None:
        """Forget what still waits to travel."""
        if self.queue is not None:
            self.queue.close()


_OPEN = "transaction"


def transaction() -> AbstractContextManager[Session]:
    """Hold everything inside together: the outermost commits once, or rolls all back when anything is raised.

    Nested ones join the outermost. Services open it; faces and jobs never do. While it is open, nothing outside the
    database is called; what must follow the commit is given to `after_commit`.
    """
    session = _session()
    return nullcontext(session) if _OPEN in session.info else _outermost(session)


@contextmanager
def _outermost(session: Session) -> Iterator[Session]:
    if session.in_transaction():
        commit_together(session.connection())  # what was read before was read alone
    opened = session.info[_OPEN] = _Open(session)
    try:
        yield session
        for callback in opened.before:
            callback()
        session.commit()
    except BaseException:
        opened.close()
        session.rollback()
        raise
    finally:
        opened.close()
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
    return _OPEN in _session().info


def kept() -> dict[object, Any]:
    """Return what is kept until the outermost transaction ends, either way: each user has a key of its own."""
    return _open().kept


def _open() -> _Open:
    opened: _Open | None = _session().info.get(_OPEN)
    if opened is None:
        raise RuntimeError("this belongs inside a transaction")
    return opened


def run(statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """Return the rows (named tuples) of a statement on a hot path, which the driver runs itself: see `trips`."""
    opened: _Open | None = _session().info.get(_OPEN)
    if opened is None:
        return _read_alone(statement, values)
    return opened.trips().ask(statement, values).rows()


def ask(statement: TextClause, values: Mapping[str, Any]) -> Asked:
    """Let a statement travel with the next one whose rows are wanted, at the latest with the COMMIT; see `trips`."""
    return _open().trips().ask(statement, values)


def ask_ahead(name: str, customer_ids: Collection[int], statement: TextClause, values: Mapping[str, Any]) -> None:
    """Ask what will be wanted about these customers later in this transaction; `told_ahead` gives it once."""
    queue = _open().trips()
    queue.ahead[name] = (frozenset(customer_ids), queue.ask(statement, values))


def told_ahead(name: str, customer_ids: Collection[int]) -> list[Any] | None:
    """Return the rows that were asked ahead about these customers and maybe others, or None when they were not."""
    known = _open().trips().ahead.pop(name, None) if in_transaction() else None
    return known[1].rows() if known and known[0].issuperset(customer_ids) else None


def _read_alone(statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """Run a statement outside a transaction: it needs neither BEGIN nor COMMIT."""
    queue = Queue(db.session.connection())
    queue.commit_each()
    try:
        return queue.ask(statement, values).rows()
    finally:
        queue.close()


@event.listens_for(Session, "before_flush")
def _flush_together(session: Session, *_more: object) -> None:
    """Write objects in one transaction, although what was read before was read alone."""
    commit_together(session.connection())


def batch(rows: Sequence[Mapping[str, Any] | str]) -> str:
    """Return `rows` as JSON text for `json_to_recordset(CAST(:rows AS json))`: one parameter for any number."""
    return orjson.dumps(rows, default=_plain).decode()


def id_array(numbers: Iterable[int]) -> str:
    """Return `numbers` as the text of an array for `CAST(:ids AS bigint[])`; the driver would look at each of them."""
    return f"{{{','.join(map(str, numbers))}}}"


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
