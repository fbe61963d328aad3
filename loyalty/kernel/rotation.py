"""Rotation of the field keys while the service runs: every sealed column is opened and sealed again with the first key.

A new key is first added behind the others of `LOYALTY_FIELD_KEYS` on all machines, so that all of them can open what it
seals; then it is put in front; then the columns that `keyed.SEALED` lists are gone through in order of their primary
keys, some rows at a time, each batch in a transaction that also notes how far it is. A killed rotation goes on there. A
row that somebody else changes meanwhile was sealed by the key in front already, and is left alone. When no value under
an old key is left, that key can be taken out.

The key of the blind indexes turns apart from these: see `kernel.reindexing`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.crypto import key_ring, seal, unseal
from loyalty.kernel.db import Base, db, transaction

BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values; `place` names the columns of the row by which its value is bound."""

    table: str
    column: str
    place: str

    @property
    def name(self) -> str:
        """Return it as `identifiers.sealed`."""
        return f"{self.table}.{self.column}"

    def place_of(self, row: Row[*tuple[Any, ...]]) -> str:
        """Return for which place the value of a row is sealed."""
        named = {name: _as_text(value) for name, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's way
        return self.place.format_map(named)

    @property
    def of(self) -> Table:
        """Return the table."""
        return Base.metadata.tables[self.table]

    @property
    def value(self) -> Column[bytes]:
        """Return the column."""
        return self.of.c[self.column]


class KeyRotation(Base):
    """How far one column is on the way to the key `key_id`: rows up to the primary key `after` are done."""

    __tablename__ = "key_rotations"

    place: Mapped[str] = mapped_column(Text, primary_key=True)
    key_id: Mapped[int] = mapped_column(Integer)
    after: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    sealed: Mapped[int]
    done_at: Mapped[datetime | None]


Told = Callable[[str, int], None]


def rotate(
    columns: Sequence[SealedColumn], *, now: datetime, batch: int = BATCH, told: Told = lambda *_: None
) -> dict[str, int]:
    """Seal everything that another key than the first has sealed; return how many values of each column.

    `told` hears the column and how many values are done so far. A pass that finds something at its end, since a process
    with old settings still wrote, is followed by another.
    """
    done = {}
    for column in columns:
        sealed = _pass(column, now=now, batch=batch, told=told)
        while left(column):
            _begin(column, anew=True)
            sealed += _pass(column, now=now, batch=batch, told=told)
        done[column.name] = sealed
    return done


def left(column: SealedColumn) -> int:
    """Return how many values of a column are sealed by another key than the first."""
    return db.session.scalar(select(func.count()).select_from(column.of).where(_old(column))) or 0


def counts(columns: Sequence[SealedColumn]) -> dict[int, int]:
    """Return for each key how many values it seals, keys of the ring that seal nothing included."""
    found = dict.fromkeys(key_ring().keys, 0)
    for column in columns:
        key = func.get_byte(column.value, 0)
        for row in db.session.execute(select(key, func.count()).where(column.value.isnot(None)).group_by(key)):
            found[row[0]] = found.get(row[0], 0) + row[1]
    return found


def _pass(column: SealedColumn, *, now: datetime, batch: int, told: Told) -> int:
    _begin(column)
    sealed = 0
    while True:
        with transaction():
            state = db.session.get_one(KeyRotation, column.name, with_for_update=True, populate_existing=True)
            rows = _next(column, state.after, batch)
            sealed += _seal_again(column, rows)
            state.sealed += len(rows)
            if rows:
                state.after = [_as_text(value) for value in rows[-1][: len(column.of.primary_key)]]
            else:
                state.done_at = now
            so_far = state.sealed
        told(column.name, so_far)
        if not rows:
            return sealed


def _begin(column: SealedColumn, *, anew: bool = False) -> None:
    """Go on with a rotation to the first key, or begin it where the last one was to another."""
    first = key_ring().first
    with transaction() as session:
        state = session.get(KeyRotation, column.name, with_for_update=True, populate_existing=True)
        if state is None:
            session.add(KeyRotation(place=column.name, key_id=first, after=None, sealed=0))
        elif anew or state.key_id != first or state.done_at is not None:
            state.key_id, state.after, state.sealed, state.done_at = first, None, 0, None


def _next(column: SealedColumn, after: Sequence[str] | None, batch: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rows that need the first key: their primary key first, then what names their place, the value last."""
    keys = list(column.of.primary_key)
    others = [each for each in column.of.c if f"{{{each.name}}}" in column.place and each not in keys]
    chosen = select(*keys, *others, column.value.label("value")).where(_old(column)).order_by(*keys).limit(batch)
    if after is not None:
        passed = [cast(literal(text), key.type) for key, text in zip(keys, after, strict=True)]
        chosen = chosen.where(tuple_(*keys) > tuple_(*passed))
    return db.session.execute(chosen).all()


def _seal_again(column: SealedColumn, rows: Sequence[Row[*tuple[Any, ...]]]) -> int:
    """Write the values sealed by the first key, where they still are what was read; one statement for all."""
    if not rows:
        return 0
    keys = list(column.of.primary_key)
    values = [_values(column, keys, row) for row in rows]
    same = [key == bindparam(f"of_{key.name}") for key in keys]
    change = update(column.of).where(*same, column.value == bindparam("read", type_=LargeBinary))
    db.session.connection().execute(change.values({column.value: bindparam("sealed", type_=LargeBinary)}), values)
    return len(rows)


def _values(column: SealedColumn, keys: Sequence[Column[Any]], row: Row[*tuple[Any, ...]]) -> Mapping[str, Any]:
    place = column.place_of(row)
    told = {f"of_{key.name}": row._mapping[key.name] for key in keys}  # noqa: SLF001 - as above
    return told | {"read": row.value, "sealed": seal(unseal(bytes(row.value), place=place), place=place)}


def _as_text(value: object) -> str:
    """Return a value of a key as PostgreSQL reads it."""
    return "\\x" + value.hex() if isinstance(value, bytes) else str(value)


def _old(column: SealedColumn) -> ColumnElement[bool]:
    return func.get_byte(column.value, 0) != key_ring().first
