"""Tables that are only added to: what one use case writes into several of them reaches the database as one statement.

Audit rows, the timeline and the like are written by many services and read by none of them, so their rows can wait
until the transaction ends; then one statement with an INSERT for each table writes them all. A sale saves four round
trips by it. Whoever reads such a table within the transaction calls `write_waiting` first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.kernel.db import ask, batch, before_commit, db, in_transaction, kept

MOST_WAITING = 3_000  # rows of all tables; an import in one transaction must not keep a file's worth of them in memory
_WAITING = "journal"
_ROWS = "rows"

Row = Mapping[str, Any]


class Journal:
    """One such table, and the columns that are given with their types; the others have defaults.

    What is the same in most rows of a transaction, `shared`, travels once for all of them.
    """

    def __init__(self, table: str, columns: Mapping[str, str], shared: Mapping[str, str] | None = None) -> None:
        names = ", ".join([*(shared or {}), *columns])
        source = f"json_to_recordset({{rows}}) AS r ({_typed(columns)})"
        if shared:
            group = f"json_to_recordset(CAST(:{table} AS json)) AS g ({_typed(shared)}, {_ROWS} json)"
            source = f"{group}, {source.format(rows=f'g.{_ROWS}')}"
        else:
            source = source.format(rows=f"CAST(:{table} AS json)")
        self.table = table
        self.insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM {source}"  # noqa: S608 - names of our own

    def add(self, rows: Sequence[Row], shared: Row | None = None) -> None:
        """Let these rows be written, in this order, before the transaction is committed; call it inside one."""
        told = rows if shared is None else [{**shared, _ROWS: rows}]
        if db.session().in_nested_transaction():
            _write({self: told})  # what a savepoint takes back must not be written later
            return
        waiting: _Waiting | None = kept().get(_WAITING)
        if waiting is None:
            waiting = kept()[_WAITING] = _Waiting()
            before_commit(write_waiting)
        waiting.told.setdefault(self, []).extend(told)
        waiting.rows += len(rows)
        if waiting.rows >= MOST_WAITING:
            write_waiting()


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


@dataclass(slots=True)
class _Waiting:
    """What is to be written, and how many rows that is."""

    told: dict[Journal, list[Row]] = field(default_factory=dict)
    rows: int = 0


def write_waiting() -> None:
    """Write what waits: before it is read within this transaction, and before a savepoint; elsewhere nothing waits."""
    waiting: _Waiting | None = kept().get(_WAITING) if in_transaction() else None
    if waiting and waiting.told:
        if db.session().in_nested_transaction():
            raise RuntimeError("what waited was to be written before the savepoint")
        told, waiting.told, waiting.rows = waiting.told, {}, 0
        _write(told)


def _write(waiting: Mapping[Journal, Sequence[Row]]) -> None:
    journals = tuple(sorted(waiting, key=lambda journal: journal.table))
    ask(_statement(journals), {journal.table: batch(waiting[journal]) for journal in journals})


@lru_cache(maxsize=64)
def _statement(journals: tuple[Journal, ...]) -> TextClause:
    *others, last = [journal.insert for journal in journals]
    parts = ", ".join(f"part{number} AS ({insert})" for number, insert in enumerate(others))
    return text(f"WITH {parts} {last}" if others else last)
