"""What people do on the day's page: call, record, skip, undo, and many at once."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.customers.rules import shown_phone
from loyalty.customers.service import reveal_identifier
from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.clock import zone_of
from loyalty.kernel.errors import Malformed, Refused
from loyalty.staff.queries import person_behind
from loyalty.tasks import queries, service
from loyalty.tasks.forms import BulkForm, RecordForm, SkipForm
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.pages.desk import Desk, kept_filters
from loyalty.tasks.pages.pane import next_days, pane_of
from loyalty.tasks.pages.today import page_of
from loyalty.tasks.queries import WORK, Brief
from loyalty.tasks.rules import Attempt, State
from loyalty.tasks.service import Recorded
from loyalty.web.formats import clock_time, day_text
from loyalty.web.forms import Filled, load
from loyalty.web.guards import guard
from loyalty.web.languages import say, say_line
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

UNREADABLE, CONFLICT = 422, 409
EVERYTHING_CHOSEN = 500
CALENDAR_FILTERS = ("as", "day", "whose", "store", "kind")


@blueprint.post("/tasks/<int:task_id>/call")
@guard(WORK)
def call(task_id: int) -> ResponseReturnValue:
    """Take a task up and show the phone in full; who looked is written to the audit trail."""
    actor, now = current_actor(), request_now()
    scope = actor.scope(WORK)

    def work() -> str | None:
        task = service.take(task_id, scope=scope, now=now, by=actor)
        phone = pane_of(task, now=now, actor=actor).phone
        if phone is None or not actor.may("customers.reveal"):
            return None
        # The task's own wall has been passed, and with it its customer may be called, of whichever store.
        number = reveal_identifier(task.customer_id, phone.id, scope=EVERYTHING, now=now, by=actor)
        return shown_phone(number) if number.startswith("+") else number

    try:
        return page_of(task_id, phone=work())
    except Refused as refused:
        return page_of(task_id, refusal=say(refused.sentence, _shown(refused.details))), CONFLICT


@blueprint.post("/tasks/<int:task_id>/record")
@guard(WORK)
def record(task_id: int) -> ResponseReturnValue:
    """Record a try and go on with the next task, or stay with this one."""
    filled = load(RecordForm, request.form)
    actor, now = current_actor(), request_now()
    task = queries.brief(task_id, actor.scope(WORK))
    if not filled.ok:
        return page_of(task_id, filled=filled), UNREADABLE

    def work() -> Recorded:
        attempt = _attempt(task, filled, now)
        return service.record(task_id, attempt, seen=filled.values["seen"], scope=actor.scope(WORK), now=now, by=actor)

    return _done(task, filled, work, stay=bool(filled.values["stay"]))


@blueprint.post("/tasks/<int:task_id>/skip")
@guard(WORK)
def skip(task_id: int) -> ResponseReturnValue:
    """End a task that is not to be done, and go on with the next one."""
    filled = load(SkipForm, request.form)
    actor, now = current_actor(), request_now()
    task = queries.brief(task_id, actor.scope(WORK))
    if not filled.ok:
        return page_of(task_id, filled=filled), UNREADABLE

    def work() -> Recorded:
        return service.skip(task_id, filled.values["reason"], scope=actor.scope(WORK), now=now, by=actor)

    return _done(task, filled, work, stay=False)


@blueprint.post("/tasks/<int:task_id>/undo")
@guard(WORK)
def undo(task_id: int) -> ResponseReturnValue:
    """Take back what was last recorded of a task."""
    actor, now = current_actor(), request_now()
    try:
        service.undo(task_id, scope=actor.scope(WORK), now=now, by=actor)
    except Refused as refused:
        return page_of(task_id, refusal=say(refused.sentence, _shown(refused.details))), CONFLICT
    notify(_("The result was taken back. The task is open again."), tone="info")
    return redirect(url_for("tasks.today", **kept_filters(task=task_id)), 303)


@blueprint.post("/tasks/bulk")
@guard(WORK)
def sweep() -> ResponseReturnValue:
    """Give many tasks to somebody, put them off, or skip them; what it does not fit is listed."""
    filled = load(BulkForm, request.form)
    if not filled.ok:
        return render_template("tasks/bulk.html", swept=None, filled=filled), UNREADABLE
    actor, now = current_actor(), request_now()
    ids = _chosen()
    how: dict[str, Any] = {"scope": actor.scope(WORK), "now": now, "by": actor}
    try:
        if filled.values["act"] == "reassign":
            swept = service.reassign(ids, filled.values["to"] or person_behind(actor), **how)
        elif filled.values["act"] == "move":
            swept = service.move(ids, _needed(filled.values["day"]), **how)
        else:
            swept = service.skip_many(ids, filled.values["reason"], **how)
    except Malformed as problem:
        wrong = {name: [say_line(line) for line in lines] for name, lines in problem.errors.items()}
        told = Filled({}, wrong, filled.typed)
        return render_template("tasks/bulk.html", swept=None, filled=told), UNREADABLE
    if swept.left:
        people = {row.task.id: row.customer.shown_name for row in queries.rows_of([left.task for left in swept.left])}
        return render_template("tasks/bulk.html", swept=swept, filled=filled, people=people, why=_why)
    notify(_("Changed: %(count)s.", count=swept.done))
    if request.args.get("back") == "calendar":
        asked: dict[str, Any] = {name: value for name, value in request.args.items() if name in CALENDAR_FILTERS}
        return redirect(url_for("tasks.calendar", **asked), 303)
    return redirect(url_for("tasks.today", **kept_filters()), 303)


def _why(problem: Refused | Malformed) -> str:
    if isinstance(problem, Malformed):
        return " ".join(say_line(line) for lines in problem.errors.values() for line in lines)
    return say(problem.sentence, _shown(problem.details))


def _chosen() -> list[int]:
    if request.form.get("every"):
        actor, now = current_actor(), request_now()
        desk = Desk.of_request(actor, now)
        return queries.ids_of(desk.wanted, desk.days, most=EVERYTHING_CHOSEN)
    numbers = map(row_number, request.form.getlist("task"))
    return [number for number in numbers if number is not None]


def _needed(day: date | None) -> date:
    if day is None:
        raise Malformed({"day": ["Choose a day."]})
    return day


def _attempt(task: Brief, filled: Filled, now: datetime) -> Attempt:
    values = filled.values
    chosen = values["next"]
    day = next_days(task, now).get(chosen) if chosen not in {"none", "date"} else values["next_day"]
    if chosen == "date" and day is None:
        raise Malformed({"next": ["Choose the day of the next follow-up."]})
    at = None
    if day is not None and values["next_time"] is not None:
        at = datetime.combine(day, time.fromisoformat(values["next_time"]), zone_of(task.zone))
    return Attempt(values["outcome"], values["note"], day, at)


def _done(task: Brief, filled: Filled, work: Callable[[], Recorded], *, stay: bool) -> ResponseReturnValue:
    """Carry an act out, tell what happened with the way back, and go to the next task."""
    actor, now = current_actor(), request_now()
    desk = Desk.of_request(actor, now)
    try:
        recorded = work()
    except Malformed as problem:
        told = {name: [say_line(line) for line in lines] for name, lines in problem.errors.items()}
        return page_of(task.id, filled=Filled({}, told, filled.typed)), UNREADABLE
    except Refused as refused:
        return page_of(task.id, filled=filled, refusal=say(refused.sentence, _shown(refused.details))), CONFLICT
    notify(_told(recorded), undo=url_for("tasks.undo", task_id=task.id, **kept_filters()))
    following = task.id if stay else queries.next_id(desk.wanted, desk.days, task)
    return redirect(url_for("tasks.today", **kept_filters(task=following)), 303)


def _told(recorded: Recorded) -> str:
    (row,) = queries.rows_of([recorded.task])
    name = row.customer.shown_name
    if recorded.outcome is None:
        return str(_("Skipped: %(name)s.", name=name))
    said = _("Recorded for %(name)s: %(outcome)s.", name=name, outcome=_(recorded.outcome.title))
    if recorded.state == State.OPEN and recorded.next_day is not None:
        most = recorded.task.shape.most_tries
        again = _(
            "Try %(number)s of %(most)s is on %(day)s.",
            number=recorded.task.tries + 1,
            most=most,
            day=day_text(recorded.next_day),
        )
        return f"{said} {again}"
    if recorded.follower_id is not None and recorded.next_day is not None:
        after = _("Next follow-up on %(day)s.", day=day_text(recorded.next_day))
        return f"{said} {after}"
    return str(said)


def _shown(details: dict[str, Any]) -> dict[str, Any]:
    """Return the details of a refusal as people read them: moments by the clock, reasons in their language."""
    shown = {name: clock_time(value) if isinstance(value, datetime) else value for name, value in details.items()}
    if isinstance(shown.get("reason"), str):
        shown["reason"] = say(shown["reason"])
    return shown
