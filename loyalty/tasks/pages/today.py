"""The day's page: the queue, and beside it the task."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.actor import Actor
from loyalty.staff.queries import stores
from loyalty.staff.service import record_export
from loyalty.tasks import queries
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.pages.desk import PAGE, Desk
from loyalty.tasks.pages.pane import Pane, next_days, pane_of
from loyalty.tasks.queries import READ, Row
from loyalty.tasks.rules import VIEW_TITLES, kinds
from loyalty.tasks.words import ACTS, NEXT, STATES, TONES
from loyalty.web import panels
from loyalty.web.forms import Filled, empty
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.limits import limited
from loyalty.web.requests import current_actor, request_now
from loyalty.web.sheets import EXPORTS, MOST_ROWS, send_sheet
from loyalty.web.texts import row_number

PRINTED = 200


@blueprint.get("/today")
@guard(READ)
def today() -> ResponseReturnValue:
    """Show the queue of the day and one of its tasks: the one of the address, or the first."""
    return page_of()


@blueprint.get("/today/export.xlsx")
@guard("exports.run", fresh=True)
@limited(EXPORTS, scope="exports", reads=True)
def export() -> ResponseReturnValue:
    """Send the queue that the address asks for, as an Excel file."""
    actor, now = current_actor(), request_now()
    actor.require(READ)
    desk = Desk.of_request(actor, now)
    found = list(queries.every(desk.wanted, desk.days, most=MOST_ROWS))
    record_export("tasks", request.args.to_dict(), now=now, by=actor)
    columns = [_("Due"), _("Customer"), _("Phone ends in"), _("Plate"), _("What"), _("Store"), _("Person in charge")]
    return send_sheet("tasks", [*columns, _("State"), _("Tries without an answer")], _cells(found, now))


@blueprint.get("/tasks/<int:task_id>")
@guard(READ)
def show(task_id: int) -> ResponseReturnValue:
    """Open a task on the day's page; not found where there is none here."""
    queries.brief(task_id, current_actor().scope(READ))
    return redirect(url_for("tasks.today", task=task_id))


def page_of(
    task_id: int | None = None, *, filled: Filled | None = None, refusal: str | None = None, phone: str | None = None
) -> str:
    """Return the page; `task_id` names the task of an act that was refused, with what was typed."""
    actor, now = current_actor(), request_now()
    desk = Desk.of_request(actor, now)
    printed = bool(request.args.get("print"))
    limit = PRINTED if printed else PAGE
    page = queries.queue(desk.wanted, desk.days, cursor=request.args.get("cursor"), limit=limit)
    asked = row_number(request.args.get("task", "")) if task_id is None else task_id
    pane = _pane(asked, page.items, actor=actor, now=now)
    return render_template(
        "tasks/today.html",
        desk=desk,
        page=page,
        tiers=_tiers(page.items, actor, now),
        pane=pane,
        passed=queries.next_id(desk.wanted, desk.days, pane.task) if pane is not None else None,
        chosen_one=asked is not None,
        filled=filled or empty(),
        refusal=refusal,
        dialled=phone,
        next_days=next_days(pane.task, now) if pane is not None and pane.task.live else {},
        first_use=not page.items and not desk.narrowed and desk.counts.done == 0 and not queries.has_tasks(desk.days),
        stores=[(store.code, store.name) for store in stores(actor.scope(READ))],
        colleagues=queries.colleagues(desk.days, now) if actor.may(queries.WORK) else [],
        views=VIEW_TITLES,
        kinds=kinds(),
        states=STATES,
        tones=TONES,
        acts=ACTS,
        next_words=NEXT,
    )


def _pane(asked: int | None, shown: list[Row], *, actor: Actor, now: datetime) -> Pane | None:
    if asked is not None:
        return pane_of(queries.brief(asked, actor.scope(READ)), now=now, actor=actor)
    return pane_of(shown[0].task, now=now, actor=actor) if shown else None


def _tiers(shown: list[Row], actor: Actor, now: datetime) -> Any:
    ids = {row.task.customer_id for row in shown}
    return panels.rendered(panels.collect("tasks", customer_ids=ids, actor=actor, now=now))


def _cells(found: list[Row], now: datetime) -> Iterator[list[Any]]:
    for row in found:
        task = row.task
        yield [
            task.due_at if task.timed else task.due_to,
            row.customer.shown_name,
            row.tail,
            row.vehicle.shown_plate if row.vehicle else None,
            say(task.sentence, task.numbers),
            task.store,
            task.owner,
            STATES[task.shown_state(now)],
            task.tries,
        ]
