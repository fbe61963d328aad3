"""What stands on the days of the calendar: tasks and appointments, and what features above add."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from flask import url_for

from loyalty.appointments import queries as appointments
from loyalty.appointments.words import TOPICS
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.tasks import queries
from loyalty.tasks.rules import APPOINTMENTS, STEPS, TASKS, CalendarEntry
from loyalty.web import panels
from loyalty.web.languages import say


class Asked(Protocol):
    """The days, the person (None: everybody) and the kind ("": all) that are asked for."""

    @property
    def first(self) -> date:
        """The first day."""

    @property
    def last(self) -> date:
        """The last day."""

    @property
    def owner(self) -> int | None:
        """Whose tasks, and the customers of which advisor."""

    @property
    def kind(self) -> str:
        """Which kind of entries."""


def entries_between(asked: Asked, store_ids: Sequence[int], actor: Actor, now: datetime) -> list[CalendarEntry]:
    """Return what stands on these days in these stores, for whoever may see it."""
    found: list[CalendarEntry] = []
    if asked.kind in {"", TASKS}:
        found += _tasks(asked, store_ids)
    if asked.kind in {"", APPOINTMENTS} and actor.may(appointments.READ):
        seen = [at for at in store_ids if actor.scope(appointments.READ).covers(at)]
        found += _appointments(asked, seen)
    if asked.kind in {"", STEPS}:
        about = {"since": asked.first, "until": asked.last, "store_ids": store_ids, "advisor_id": asked.owner}
        added = panels.collect("calendar", **about, actor=actor, now=now)
        found += [panel.context["entry"] for listed in added.values() for panel in listed]
    return found


def _tasks(asked: Asked, store_ids: Sequence[int]) -> list[CalendarEntry]:
    return [
        CalendarEntry(
            TASKS,
            row.task.due_to,
            row.customer.shown_name,
            say(row.task.sentence, row.task.numbers),
            url_for("tasks.show", task_id=row.task.id),
            "telephone",
            row.task.due_at if row.task.timed else None,
            row.task.id,
        )
        for row in queries.due_between(asked.first, asked.last, store_ids, asked.owner)
    ]


def _appointments(asked: Asked, store_ids: Sequence[int]) -> list[CalendarEntry]:
    return [
        CalendarEntry(
            APPOINTMENTS,
            day_at(one.starts_at, one.zone),
            one.customer.shown_name,
            str(TOPICS[one.topic]),
            url_for("appointments.show", appointment_id=one.id),
            "calendar-event",
            one.starts_at,
        )
        for one in appointments.between(asked.first, asked.last, store_ids, asked.owner)
    ]
