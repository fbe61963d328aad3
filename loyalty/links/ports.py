"""What is asked of a core database."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loyalty.links.rules import Plan, Rows


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a row in the order of changes: when it was changed, and the number as the database has it."""

    changed: datetime
    number: object


@dataclass(frozen=True, slots=True)
class Changes:
    """The next numbers that were changed, each once as text, with the values as the database has them.

    `changed` are the moments seen, `last` is where to go on, None when there was nothing more.
    """

    numbers: tuple[str, ...]
    values: tuple[object, ...]
    changed: tuple[datetime, ...]
    last: Mark | None


class CoreView(Protocol):
    """A view that is open for reading; every call ends within its time-out, with CoreAway at the latest."""

    def columns(self) -> list[str]:
        """Return the names of the view's columns; refused ViewMissing."""
        ...

    def first_rows(self, limit: int) -> Rows:
        """Return some rows of the view, to show what is there."""
        ...

    def changes(self, since: datetime | None, after: Mark | None, limit: int) -> Changes:
        """Return the numbers of the next `limit` rows changed from `since` on, behind `after`; refused WrongType."""
        ...

    def rows_of(self, values: Sequence[object]) -> Rows:
        """Return all rows of these numbers, those of one number together and in the order of their lines."""
        ...

    def present(self, numbers: Sequence[str]) -> set[str]:
        """Return which of these numbers the view still has."""
        ...

    def unseen(self) -> int:
        """Return how many rows no reading ever sees, as they have no number or no moment of change."""
        ...


class CoreDatabases(Protocol):
    """Opens views of core databases."""

    def open(self, url: str, plan: Plan) -> AbstractContextManager[CoreView]:
        """Open the view of a plan, read-only and with time-outs; refused CoreAway, ColumnsMissing, ViewMissing."""
        ...
