"""The calendar of tasks: a month or a week, with the days on which the store rests."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import add_months, day_at, month_start, parse_day
from loyalty.kernel.errors import Malformed
from loyalty.programme.rules import is_published
from loyalty.staff.queries import StoreView, person_behind, stores
from loyalty.tasks import queries
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.queries import READ, Row
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.requests import current_actor, request_now

MONTH, WEEK = "month", "week"
SHOWN_ON_A_DAY = 4
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar: whether the store works, why not, and what is due; `count` may be more than is listed."""

    day: date
    rests: str | None
    count: int
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """What the address asks for: the days shown, and whose tasks of which store."""

    shape: str
    day: date
    first: date
    last: date
    mine: bool
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
    )


@blueprint.get("/calendar.ics")
@guard(READ)
def calendar_file() -> ResponseReturnValue:
    """Send the own tasks of the days shown as a file that calendars read; it names customers and no phones."""
    actor = current_actor()
    there = stores(actor.scope(READ))
    span = _span(actor, there)
    rows = queries.due_between(span.first, span.last, [one.id for one in there], person_behind(actor))
    text = "\r\n".join(_lines(rows, request_now())) + "\r\n"
    answer = Response(text, mimetype="text/calendar")
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
    mine = request.args.get("whose", "mine") != "all" and person_behind(actor) is not None
    return Span(shape, month_start(day) if shape == MONTH else day, first, last, mine, store, today)


def _days(span: Span, there: list[StoreView], actor: Actor) -> list[CalendarDay]:
    ids = [one.id for one in ([span.store] if span.store else there)]
    owner = person_behind(actor) if span.mine else None
    counts = queries.due_counts(span.first, span.last, ids, owner)
    by_day: dict[date, list[Row]] = {}
    for row in queries.due_between(span.first, span.last, ids, owner):
        by_day.setdefault(row.task.due_to, []).append(row)
    works = queries.store_days(span.first, span.last)[ids[0]] if ids else None
    length = (span.last - span.first).days + 1
    days = [span.first + timedelta(days=at) for at in range(length)]
    return [
        CalendarDay(
            day,
            None if works is None or works.works(day) else works.holiday(day) or say(works.why_not(day)),
            counts.get(day, 0),
            by_day.get(day, []),
        )
        for day in days
    ]


def _lines(rows: list[Row], now: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//loyalty//tasks//EN")
    for row in rows:
        task = row.task
        yield "BEGIN:VEVENT"
        yield f"UID:task-{task.id}@loyalty"
        yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        if task.timed:
            yield f"DTSTART:{task.due_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        else:
            yield f"DTSTART;VALUE=DATE:{task.due_to:%Y%m%d}"
        yield _folded(f"SUMMARY:{_plain(row.customer.shown_name)} {_plain(say(task.sentence, task.numbers))}")
        yield _folded(f"URL:{url_for('tasks.show', task_id=task.id, _external=True)}")
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, as the format asks for, none of them within a character."""
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
