"""What other features hand to tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentenced:
    """An English sentence with its {placeholders} and their values: whole numbers, texts and days as ISO text."""

    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)


Remark = Sentenced
"""Why the task is as it is: a day that was moved, say."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be opened; one of the same `dedupe_key` of the customer is there once.

    `due_from` and `due_to` are days in the store's zone, both included; `due_at` is the moment that was agreed on, None
    for any time of these days. The higher `priority`, the more it matters. `about_kind` and `about_id` name what it
    hangs on: `void` and `stop` find it by them. `what` says what is to be done, in one line. Without an `owner_id` the
    customer's advisor takes it, or whoever has least to do.
    """

    dedupe_key: str
    kind: str
    customer_id: int
    store_id: int
    due_from: date
    due_to: date
    what: Sentenced
    vehicle_id: int | None = None
    due_at: datetime | None = None
    priority: int = 0
    about_kind: str = ""
    about_id: int = 0
    owner_id: int | None = None
    remarks: tuple[Remark, ...] = ()
    follows_id: int | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """A follow-up that a person arranges for a day of the store; the same `key` arranges it once.

    `due_at` is the moment that was agreed on; without an `owner_id` it is shared out as other tasks are.
    """

    customer_id: int
    note: str
    day: date
    store_id: int
    key: str
    owner_id: int | None = None
    due_at: datetime | None = None
