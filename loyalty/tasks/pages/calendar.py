"""The calendar of tasks: a month or a week, with the days on which the store rests."""

from calendar import Calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from loyalty.appointments.ics import calendar_of, plain, stamp
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import add_months, day_at, month_start, parse_day
from loyalty.kernel.errors import Malformed
from loyalty.programme.rules import DayKind, holiday_name, is_published
from loyalty.staff.queries import StoreView, person_behind, stores
from loyalty.tasks import queries
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.pages.entries import entries_between
from loyalty.tasks.queries import EVERYBODY, MINE, READ, WORK, Row
from loyalty.tasks.rules import ENTRY_KINDS, TASKS, CalendarEntry, StoreDays
from loyalty.tasks.words import ENTRY_WORDS
from loyalty.web.guards import guard
from loyalty.web.languages import in_chinese, say
from loyalty.web.requests import current_actor, request_now
from loyalty.web.texts import row_number

MONTH, WEEK = "month", "week"
SHOWN_ON_A_DAY = 4
ZONE = "Asia/Shanghai"
CLOSED = "closed: {stores}"
EXTRA_DAYS: Mapping[DayKind, str] = {
    DayKind.MAKE_UP: "worked in place of a holiday",
    DayKind.OWN_WORKDAY: "a workday of our own",
}
"""What days are called that are worked although they would rest; the texts are English."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar: why it rests (None: it does not), what kind of extra workday it is, what stands on it.

    `count` may be more than is listed.
    """

    day: date
    rests: str | None
    extra: str | None
    count: int
    entries: list[CalendarEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """What the address asks for: the days shown, and whose tasks (None: everybody's), of which store and kind."""

    shape: str
    day: date
    first: date
    last: date
    whose: str
    owner: int | None
    kind: str
    store: StoreView | None
    today: date

    @property
    def before(self) -> date:
        """A day of the month or week before."""
        return add_months(self.day, -1) if self.shape == MONTH else self.day - timedelta(days=7)

    @property
    def after(self) -> date:
        """A day of the month or week after."""
        return add_months(self.day, 1) if self.shape == MONTH else self.day + timedelta(days=7)


@blueprint.get("/calendar")
@guard(READ)
def calendar() -> ResponseReturnValue:
    """Show what is due on the days of a month or a week."""
    actor = current_actor()
    there = stores(actor.scope(READ))
    span = _span(actor, there)
    days = _days(span, there, actor)
    return render_template(
        "tasks/calendar.html",
        span=span,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        days=days,
        stores=there,
        shown=SHOWN_ON_A_DAY,
        unpublished=sorted({one.day.year for one in days if not is_published(one.day.year)}),
        colleagues=queries.colleagues([one.id for one in there], request_now()),
        kinds=ENTRY_WORDS,
        works=actor.may(WORK),
    )


@blueprint.get("/calendar.ics")
@guard(READ)
def calendar_file() -> ResponseReturnValue:
    """Send the own tasks of the days shown as a file that calendars read; it names customers and no phones."""
    actor = current_actor()
    there = stores(actor.scope(READ))
    span = _span(actor, there)
    rows = queries.due_between(span.first, span.last, [one.id for one in there], person_behind(actor))
    answer = Response(calendar_of(_lines(rows, request_now())), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=tasks.ics"
    return answer


def _span(actor: Actor, there: list[StoreView]) -> Span:
    code = request.args.get("store")
    store = next((one for one in there if one.code == code), None)
    zone = (store or there[0]).zone if there else ZONE
    g.zone = zone
    today = day_at(request_now(), zone)
    shape = WEEK if request.args.get("as") == WEEK else MONTH
    try:
        day = parse_day(request.args["day"]) if request.args.get("day") else today
    except Malformed:
        day = today
    day = min(max(day, date(2000, 1, 1)), date(2098, 12, 31))
    if shape == MONTH:
        weeks = Calendar().monthdatescalendar(day.year, day.month)
        first, last = weeks[0][0], weeks[-1][-1]
    else:
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=6)
    asked, me = request.args.get("whose", MINE), person_behind(actor)
    owner = None if asked == EVERYBODY else me if asked == MINE else row_number(asked)
    whose = EVERYBODY if owner is None else MINE if owner == me else str(owner)
    kind = request.args.get("kind", "")
    kind = kind if kind in ENTRY_KINDS else ""
    day = month_start(day) if shape == MONTH else day
    return Span(shape, day, first, last, whose, owner, kind, store, today)


def _days(span: Span, there: list[StoreView], actor: Actor) -> list[CalendarDay]:
    ids = [one.id for one in ([span.store] if span.store else there)]
    by_day: dict[date, list[CalendarEntry]] = {}
    for entry in entries_between(span, ids, actor, request_now()):
        by_day.setdefault(entry.day, []).append(entry)
    wants_tasks = span.kind in {"", TASKS}
    counts = queries.due_counts(span.first, span.last, ids, span.owner) if wants_tasks else {}
    works = queries.store_days(span.first, span.last)
    names = {one.id: one.name for one in there}
    length = (span.last - span.first).days + 1
    return [
        _day(span.first + timedelta(days=at), {at: works[at] for at in ids}, names, by_day, counts)
        for at in range(length)
    ]


def _day(
    day: date,
    works: Mapping[int, StoreDays],
    names: Mapping[int, str],
    by_day: Mapping[date, list[CalendarEntry]],
    counts: Mapping[date, int],
) -> CalendarDay:
    listed = sorted(by_day.get(day, []), key=lambda one: (one.at is None, one.at or request_now(), one.who))
    listed_tasks = sum(one.kind == TASKS for one in listed)
    count = len(listed) - listed_tasks + max(counts.get(day, 0), listed_tasks)
    return CalendarDay(day, _rests(day, works, names), _extra(day, works), count, listed)


def _rests(day: date, works: Mapping[int, StoreDays], names: Mapping[int, str]) -> str | None:
    """Return why nobody works, or which of several stores are closed; None on a day that all of them work."""
    resting = [at for at, days in works.items() if not days.works(day)]
    if not resting:
        return None
    if len(resting) < len(works):
        return say(CLOSED, {"stores": gettext(", ").join(names[at] for at in resting)})
    own = {works[at].holiday(day) for at in resting}
    if len(own) == 1 and (named := own.pop()):
        return named
    return holiday_name(day, "zh_CN" if in_chinese() else "en_US") or say(works[resting[0]].why_not(day))


def _extra(day: date, works: Mapping[int, StoreDays]) -> str | None:
    """Return what kind of extra workday a day is that would otherwise rest; None for the others."""
    kinds = {days.calendar.kind(day) for days in works.values() if days.works(day)}
    return next((say(EXTRA_DAYS[kind]) for kind in EXTRA_DAYS if kind in kinds), None)


def _lines(rows: list[Row], now: datetime) -> Iterator[str]:
    for row in rows:
        task = row.task
        yield "BEGIN:VEVENT"
        yield f"UID:task-{task.id}@loyalty"
        yield f"DTSTAMP:{stamp(now)}"
        yield f"DTSTART:{stamp(task.due_at)}" if task.timed else f"DTSTART;VALUE=DATE:{task.due_to:%Y%m%d}"
        yield f"SUMMARY:{plain(row.customer.shown_name)} {plain(say(task.sentence, task.numbers))}"
        yield f"URL:{url_for('tasks.show', task_id=task.id, _external=True)}"
        yield "END:VEVENT"
