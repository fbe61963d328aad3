"""Tables that are only added to: what one use case writes into several of them reaches the database as one statement.

Audit rows, the timeline and the like are written by many services and read by none of them, so their rows can wait
until the transaction ends; then one statement with an INSERT for each table writes them all. A sale saves four round
trips by it. Whoever reads such a table within the transaction calls `write_waiting` first.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from loyalty.kernel.db import ask, batch, before_commit, db, in_transaction, kept

MOST_WAITING = 1_000  # rows; an import in one transaction must not keep a file's worth of them in memory
_WAITING = "journal"

Row = Mapping[str, Any]


class Journal:
    """One such table, and the columns that are given with their types; the others have defaults."""

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        names = ", ".join(columns)
        types = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        source = f"jsonb_to_recordset(CAST(:{table} AS jsonb)) AS r ({types})"
        self.table = table
        self.insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM {source}"  # noqa: S608 - names of our own

    def add(self, rows: Sequence[Row]) -> None:
        """Let these rows be written, in this order, before the transaction is committed; call it inside one."""
        if db.session().in_nested_transaction():
            _write({self: rows})  # what a savepoint takes back must not be written later
            return
        waiting: dict[Journal, list[Row]] | None = kept().get(_WAITING)
        if waiting is None:
            waiting = kept()[_WAITING] = {}
            before_commit(write_waiting)
        waiting.setdefault(self, []).extend(rows)
        if len(waiting[self]) >= MOST_WAITING:
            write_waiting()


Waiting = dict[Journal, list[Row]]


def write_waiting() -> None:
    """Write what waits: before it is read within this transaction, and before a savepoint; elsewhere nothing waits."""
    waiting: Waiting | None = kept().get(_WAITING) if in_transaction() else None
    if waiting:
        if db.session().in_nested_transaction():
            raise RuntimeError("what waited was to be written before the savepoint")
        _write(waiting)
        waiting.clear()


def _write(waiting: Mapping[Journal, Sequence[Row]]) -> None:
    journals = tuple(sorted(waiting, key=lambda journal: journal.table))
    ask(_statement(journals), {journal.table: batch(waiting[journal]) for journal in journals})


@lru_cache(maxsize=64)
def _statement(journals: tuple[Journal, ...]) -> TextClause:
    *others, last = [journal.insert for journal in journals]
    parts = ", ".join(f"part{number} AS ({insert})" for number, insert in enumerate(others))
    return text(f"WITH {parts} {last}" if others else last)
