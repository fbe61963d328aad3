"""What readers of tasks get: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loyalty.customers.queries import CustomerView, VehicleView
from loyalty.kernel.clock import day_at
from loyalty.tasks.rules import LIVE, Sentenced, State, TaskKind, kind_of, shown_state


@dataclass(frozen=True, slots=True)
class Brief:
    """A task as the database holds it, with the names of its store and of the people who have to do with it."""

    id: int
    customer_id: int
    kind: str
    sentence: str
    numbers: Mapping[str, Any]
    remarks: list[Mapping[str, Any]]
    vehicle_id: int | None
    store_id: int
    owner_id: int | None
    due_from: date
    due_to: date
    due_at: datetime
    timed: bool
    priority: int
    about_kind: str
    about_id: int
    follows_id: int | None
    state: str
    outcome: str | None
    tries: int
    reason: str | None
    taken_by: int | None
    taken_until: datetime | None
    seq: int
    opened_at: datetime
    ended_at: datetime | None
    ended_by: int | None
    store: str
    store_code: str
    zone: str
    owner: str | None
    taker: str | None
    ender: str | None

    @property
    def live(self) -> bool:
        """Whether a person has something to do."""
        return self.state in LIVE

    @property
    def shape(self) -> TaskKind:
        """What the feature says about tasks of this kind."""
        return kind_of(self.kind)

    @property
    def what(self) -> Sentenced:
        """What is to be done, in one line."""
        return Sentenced(self.sentence, self.numbers)

    @property
    def why(self) -> list[Sentenced]:
        """Why the task is as it is."""
        return [Sentenced(one["sentence"], one["numbers"]) for one in self.remarks]

    def shown_state(self, now: datetime) -> str:
        """Return the state as people call it at that moment."""
        return shown_state(self.state, self.due_from, day_at(now, self.zone))

    def days_left(self, now: datetime) -> int:
        """Return how many days of the store are left until the last one; below 0 when it is over."""
        return (self.due_to - day_at(now, self.zone)).days

    def taken_by_another(self, account_id: int | None, now: datetime) -> bool:
        """Return whether somebody else is working on it at that moment."""
        return (
            self.state == State.IN_PROGRESS
            and self.taken_until is not None
            and self.taken_until > now
            and self.taken_by != account_id
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A task in a list: with its customer, the last digits of the phone, and its vehicle."""

    task: Brief
    customer: CustomerView
    tail: str | None
    vehicle: VehicleView | None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A try; `taken_back` when it was undone."""

    id: int
    at: datetime
    outcome: str
    means: str
    note: str
    next_day: date | None
    by_name: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of a task."""

    seq: int
    at: datetime
    act: str
    before: str | None
    after: str
    detail: Mapping[str, Any]
    by_id: int | None
    by_name: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks a list has in each of its tabs, at most `CAPPED` counted, and what was done today."""

    due: int
    overdue: int
    by_view: Mapping[str, int]
    done: int

    @property
    def all(self) -> int:
        """What was to be done today: done already and still open."""
        return self.done + self.due


CAPPED = 5000
"""So many open tasks are counted for the tabs; above it a list says that there are more."""
