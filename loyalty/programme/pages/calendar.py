"""The work calendar: what is published, and the dealer's own days."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import NotFound
from loyalty.programme import queries, service
from loyalty.programme.forms import GROUP_ZONE, OwnDayForm
from loyalty.programme.rules import is_published, special_days
from loyalty.programme.words import DAY_KINDS
from loyalty.web import forms
from loyalty.web.guards import guard
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("calendar", __name__, url_prefix="/staff/programme/calendar", template_folder="../templates")

EARLIEST, LATEST = 2001, 2100


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
    shown = render_template(
        "programme/calendar.html",
        year=year,
        published=is_published(year),
        special=special_days(year),
        own=queries.own_days(year),
        day_kinds=DAY_KINDS,
        form=filled,
        first=EARLIEST,
        last=LATEST,
    )
    return shown, status
