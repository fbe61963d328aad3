"""A view read in the order of its changes, a batch at a time.

A batch goes on behind the last row of the one before (change, number), so no cursor stays open, memory holds one batch,
and a row that changes meanwhile is met again later. Of each number that was changed all rows are read, so that a view
may date its lines apart.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, TableClause, and_, column, func, or_, select, table, text, true

from loyalty.links.adapters.lines import Line
from loyalty.links.ports import Changes, Mark
from loyalty.links.rules import ColumnsMissing, Plan, Rows, WrongType, text_of

AT_ONCE = 500  # numbers in one question


class SqlView:
    """An open view; columns are found whatever their case."""

    def __init__(self, line: Line, plan: Plan) -> None:
        self._line, self._plan = line, plan
        self._found = list(line.ask(select(text("*")).select_from(self._view()).where(text("1 = 0")))[0])
        self._names = {name.casefold(): name for name in reversed(self._found)}
        missing = [name for name in plan.columns if name.casefold() not in self._names]
        if missing and plan.mapping is not None:
            raise ColumnsMissing(view=plan.view, missing=", ".join(missing), found=", ".join(self._found))

    def columns(self) -> list[str]:
        """Return the names of the view's columns."""
        return self._found

    def first_rows(self, limit: int) -> Rows:
        """Return some rows of the view."""
        return self._read(select(text("*")).select_from(self._view()).limit(limit))

    def changes(self, since: datetime | None, after: Mark | None, limit: int) -> Changes:
        """Return the numbers of the next rows changed from `since` on, behind `after`."""
        changed, number = self._column(self._plan.changed), self._column(self._plan.number)
        chosen = select(changed, number).select_from(self._view())
        chosen = chosen.where(changed.is_not(None), number.is_not(None), _from(changed, number, since, after))
        rows = self._all(chosen.order_by(changed, number).limit(limit))
        for moment, value in rows:
            if not isinstance(moment, datetime):
                raise WrongType(column=self._plan.changed, found=_kind(moment), number=text_of(value))
        numbers = {text_of(value).strip(): value for _, value in rows}
        last = Mark(*rows[-1]) if len(rows) == limit else None
        return Changes(tuple(numbers), tuple(numbers.values()), tuple(moment for moment, _ in rows), last)

    def rows_of(self, values: Sequence[object]) -> Rows:
        """Return all rows of these numbers."""
        number = self._column(self._plan.number)
        order: list[ColumnElement[Any]] = [number]
        line = self._plan.mapping.columns.get("line") if self._plan.mapping else None
        if line is not None and line.column is not None:
            order.append(self._column(line.column))
        named = [self._column(name).label(name) for name in self._plan.columns]
        rows = Rows(tuple(self._plan.columns))
        for start in range(0, len(values), AT_ONCE):
            part = list(values[start : start + AT_ONCE])
            read = self._read(select(*named).select_from(self._view()).where(number.in_(part)).order_by(*order))
            rows = Rows(read.header, rows.cells + read.cells, rows.changed + read.changed)
        return rows

    def present(self, numbers: Sequence[str]) -> set[str]:
        """Return which of these numbers the view still has."""
        number = self._column(self._plan.number)
        found: set[str] = set()
        for start in range(0, len(numbers), AT_ONCE):
            part: list[Any] = list(numbers[start : start + AT_ONCE])
            if self._whole_numbers():
                part = [int(each) for each in part if each.isascii() and each.isdigit()]
            chosen = select(number).select_from(self._view()).where(number.in_(part)).distinct()
            found |= {text_of(row[0]).strip() for row in self._all(chosen)}
        return found

    def unseen(self) -> int:
        """Return how many rows have no number or no moment of change."""
        nothing = or_(self._column(self._plan.changed).is_(None), self._column(self._plan.number).is_(None))
        return int(self._all(select(func.count()).select_from(self._view()).where(nothing))[0][0])

    def _whole_numbers(self) -> bool:
        number = self._column(self._plan.number)
        row = self._all(select(number).select_from(self._view()).where(number.is_not(None)).limit(1))
        return bool(row) and isinstance(row[0][0], int)

    def _view(self) -> TableClause:
        schema, _, name = self._plan.view.rpartition(".")
        return table(name, schema=schema or None)

    def _column(self, name: str) -> ColumnElement[Any]:
        return column(self._names.get(name.casefold(), name))

    def _all(self, statement: Any) -> list[Any]:
        return self._line.ask(statement)[1]

    def _read(self, statement: Any) -> Rows:
        header, values = self._line.ask(statement)
        place = header.index(self._plan.changed) if self._plan.changed in header else None
        changed = tuple(row[place] for row in values) if place is not None else ()
        return Rows(header, tuple(tuple(text_of(each) for each in row) for row in values), changed)


def _from(
    changed: ColumnElement[Any], number: ColumnElement[Any], since: datetime | None, after: Mark | None
) -> ColumnElement[bool]:
    if after is not None:
        return or_(changed > after.changed, and_(changed == after.changed, number > after.number))
    return true() if since is None else changed >= since


def _kind(value: object) -> str:
    return "a day without time" if isinstance(value, date) else type(value).__name__
