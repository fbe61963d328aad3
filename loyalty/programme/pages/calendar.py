"""The work calendar: what is published, and the dealer's own days."""

from calendar import Calendar
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import NotFound
from loyalty.programme import queries, service
from loyalty.programme.forms import GROUP_ZONE, OwnDayForm
from loyalty.programme.rules import DayKind, WorkCalendar, holiday_name, is_published
from loyalty.programme.words import DAY_ACTIONS, DAY_KINDS, DAY_MARKS
from loyalty.staff.queries import store_by_code, stores
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.languages import in_chinese
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("calendar", __name__, url_prefix="/staff/programme/calendar", template_folder="../templates")

EARLIEST, LATEST = 2001, 2100


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the year's page: why it is worked or not, and what the holiday or the own reason is called."""

    day: date
    kind: DayKind
    name: str | None


@blueprint.get("")
@guard("programme.read")
def show_year() -> ResponseReturnValue:
    """Show the holidays, make-up workdays and own days of a year."""
    this_year = day_at(request_now(), GROUP_ZONE).year
    return _year(request.args.get("year", this_year, type=int), forms.empty(), 200)


@blueprint.post("")
@guard("programme.edit")
def set_day() -> ResponseReturnValue:
    """Let a day be worked, or not."""
    filled = forms.load(OwnDayForm, request.form)
    if not filled.ok:
        return _year(request.args.get("year", day_at(request_now(), GROUP_ZONE).year, type=int), filled, 422)
    day: date = filled.values["day"]
    service.set_own_day(
        day,
        works=filled.values["works"] == "yes",
        name=filled.values["name"],
        now=request_now(),
        by=current_actor(),
    )
    notify(_("The day is set."), undo=url_for("calendar.unset_day", day=day.isoformat()))
    return redirect(url_for("calendar.show_year", year=day.year), 303)


@blueprint.post("/<day>/unset")
@guard("programme.edit")
def unset_day(day: str) -> ResponseReturnValue:
    """Let the published list say again what the day is."""
    chosen = parse_day(day)
    service.unset_own_day(chosen, now=request_now(), by=current_actor())
    notify(_("The day is again what the published list says."))
    return redirect(url_for("calendar.show_year", year=chosen.year), 303)


def _year(year: int, filled: forms.Filled, status: int) -> tuple[str, int]:
    if not EARLIEST <= year <= LATEST:
        raise NotFound
    scope, code = current_actor().scope("programme.read"), request.args.get("store") or None
    store = store_by_code(code, scope) if code else None
    own = queries.own_days(year)
    work = queries.work_calendar(date(year, 1, 1), date(year, 12, 31), store_id=store.id if store else None)
    reasons = {day: name for day, _works, name in own} | {day: name for day, name in work.closed.items() if name}
    weeks = Calendar().yeardatescalendar(year, width=12)[0]
    shown = render_template(
        "programme/calendar.html",
        year=year,
        published=is_published(year),
        months=[(number, _month(weeks[number - 1], number, work, reasons)) for number in range(1, 13)],
        counts=_counts(year, work),
        own=own,
        store=store,
        stores=[(one.code, one.name) for one in stores(scope)],
        changes=queries.own_day_changes(),
        day_kinds=DAY_KINDS,
        marks=DAY_MARKS,
        actions=DAY_ACTIONS,
        form=filled,
        first=EARLIEST,
        last=LATEST,
    )
    return shown, status


def _month(
    weeks: Sequence[Sequence[date]], number: int, work: WorkCalendar, reasons: Mapping[date, str]
) -> list[list[Cell | None]]:
    """Return the weeks of a month from Monday on; None where a day is of another month."""
    return [[_cell(day, work, reasons) if day.month == number else None for day in week] for week in weeks]


def _cell(day: date, work: WorkCalendar, reasons: Mapping[date, str]) -> Cell:
    language = "zh_CN" if in_chinese() else "en_US"
    return Cell(day, work.kind(day), reasons.get(day) or holiday_name(day, language))


def _counts(year: int, work: WorkCalendar) -> list[int]:
    """Return how many days of each month are worked."""
    days = Counter(day.month for day in _days_of(year) if work.works(day))
    return [days[number] for number in range(1, 13)]


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=index) for index in range((date(year + 1, 1, 1) - first).days))
