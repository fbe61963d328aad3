"""The task beside the queue: facts, warnings, script, results and what was tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g
from flask_babel import gettext
from markupsafe import Markup

from loyalty.customers.queries import Card, card
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.clock import day_at
from loyalty.messaging.queries import outlook
from loyalty.staff.queries import person_behind
from loyalty.tasks import queries
from loyalty.tasks.queries import WORK, AttemptView, Brief, ChangeView, Row
from loyalty.tasks.rules import UNDO_FOR
from loyalty.web import panels
from loyalty.web.formats import clock_time, moment
from loyalty.web.languages import say

ACTS_TO_UNDO = {"recorded", "skipped"}
NEXT_DAYS = {"tomorrow": 1, "days3": 3, "week1": 7}


@dataclass(frozen=True, slots=True)
class Pane:
    """All that the page says of one task."""

    row: Row
    card: Card
    warnings: list[str]
    script: str
    attempts: list[AttemptView]
    changes: list[ChangeView]
    last_contact: tuple[datetime, str] | None
    slots: Mapping[str, list[Markup]]
    works: bool
    undoable: bool

    @property
    def task(self) -> Brief:
        """The task."""
        return self.row.task

    @property
    def phone(self) -> Any:
        """The first phone of the customer, masked; None when none is known."""
        return next((one for one in self.card.identifiers if one.kind == "phone"), None)


def pane_of(task: Brief, *, now: datetime, actor: Actor) -> Pane:
    """Return what is shown of a task that the actor may see; the customer is seen with it, of whichever store."""
    g.zone = task.zone
    (row,) = queries.rows_of([task])
    shown = card(task.customer_id, EVERYTHING)
    changes = queries.changes(task.customer_id, task.id)
    last = changes[0] if changes else None
    undoable = last is not None and last.act in ACTS_TO_UNDO and last.by_id == actor.id and now - last.at <= UNDO_FOR
    about = {"customer_id": task.customer_id, "vehicle_id": task.vehicle_id, "actor": actor, "now": now}
    return Pane(
        row=row,
        card=shown,
        warnings=_warnings(task, now=now, actor=actor) if task.live else [],
        script=_script(task, row, actor),
        attempts=queries.attempts(task.customer_id, task.id),
        changes=changes,
        last_contact=queries.last_contact(task.customer_id),
        slots=panels.rendered(panels.collect("task", **about)),
        works=actor.may(WORK) and actor.scope(WORK).covers(task.store_id),
        undoable=undoable,
    )


def next_days(task: Brief, now: datetime) -> dict[str, Any]:
    """Return the day that each choice of a next date means: calls are made on days that the store works."""
    today = day_at(now, task.zone)
    days = queries.store_days(today, today + timedelta(days=60))[task.store_id]
    return {name: days.first_from(today + timedelta(days=away)) for name, away in NEXT_DAYS.items()}


def _warnings(task: Brief, *, now: datetime, actor: Actor) -> list[str]:
    told = []
    if task.taken_by_another(person_behind(actor), now):
        until = clock_time(task.taken_until)
        told.append(gettext("%(who)s is working on this until %(until)s.", who=task.taker, until=until))
    found = outlook([task.customer_id], task.shape.purpose, ["phone"], now=now, scope=EVERYTHING)
    gate = found[task.customer_id].decisions["phone"] if task.customer_id in found else None
    if gate is None or gate.verdict == "allow":
        return told
    if gate.rule == "no_address":
        told.append(gettext("No phone is known. Add one to the customer, or skip the task with the reason."))
    elif gate.verdict == "hold" and gate.until is not None:
        told.append(gettext("These are quiet hours. Calls are made again at %(until)s.", until=moment(gate.until)))
    else:
        told.append(gettext("This customer does not want calls. Call only about what the customer asked for."))
    return told


class _Values(dict[str, str]):
    """Values of a script; what is not known is a dash, since somebody reads it aloud and sees the gap."""

    def __missing__(self, _name: str) -> str:
        return "--"


def _script(task: Brief, row: Row, actor: Actor) -> str:
    known = {name: say(str(value)) if isinstance(value, str) else str(value) for name, value in task.numbers.items()}
    values = _Values(known, customer=row.customer.shown_name, store=task.store, agent=actor.name)
    values["what"] = say(task.sentence, task.numbers)
    if row.vehicle is not None:
        values["vehicle"] = row.vehicle.shown_plate or row.vehicle.model or row.vehicle.vin[-6:]
    return str(gettext(task.shape.script)).format_map(values)
