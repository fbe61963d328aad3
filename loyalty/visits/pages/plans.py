"""The pages of follow-up: plans with their steps, and what the template in force means for a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import Malformed, Refused
from loyalty.messaging.words import STATES as MESSAGE_STATES
from loyalty.programme.queries import VersionView
from loyalty.programme.rules import is_published
from loyalty.programme.words import STATES as VERSION_STATES
from loyalty.staff.queries import StoreView, stores
from loyalty.visits import queries, service
from loyalty.visits.queries import READ, WORK
from loyalty.visits.rules import (
    DELIVERY,
    INSPECTION,
    TRIGGERS,
    Due,
    Fact,
    PlanState,
    StepState,
    first_day,
    plan_dates,
)
from loyalty.visits.words import CHANNELS, DAYS, PLAN_STATES, STEP_STATES, STEP_TONES, TONES
from loyalty.visits.words import TRIGGERS as TRIGGER_WORDS
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("visits", __name__, url_prefix="/staff/visits", template_folder="../templates")

CONFLICT = 409
EVERY = "all"
RULES = "programme.read"
LONGEST_NUMBER = 16
EARLIEST, LATEST = date(2000, 1, 1), date(2098, 12, 31)


@blueprint.get("")
@guard(READ)
def index() -> ResponseReturnValue:
    """List plans by state: those under way unless told otherwise."""
    scope = current_actor().scope(READ)
    asked = request.args.get("state")
    state = asked if asked in {*PLAN_STATES, EVERY} else PlanState.ACTIVE.value
    page = queries.plans_page(scope, state=None if state == EVERY else state, cursor=request.args.get("cursor"))
    first_use = not page.items and not queries.has_plans(scope)
    return render_template("visits/index.html", page=page, state=state, every=EVERY, first_use=first_use, **_words())


@blueprint.get("/<int:plan_id>")
@guard(READ)
def show(plan_id: int) -> ResponseReturnValue:
    """Show a plan with its steps, their days and why these."""
    return _page(plan_id)


@blueprint.post("/<int:plan_id>/stop")
@guard(WORK)
def stop(plan_id: int) -> ResponseReturnValue:
    """Stop a plan: its steps and their tasks end."""
    actor = current_actor()
    try:
        service.stop_by_hand(plan_id, scope=actor.scope(WORK), now=request_now(), by=actor)
    except Refused as refused:
        return _page(plan_id, say(refused.sentence, refused.details)), CONFLICT
    notify(_("The plan is stopped. Its open tasks are closed."))
    return redirect(url_for("visits.show", plan_id=plan_id), 303)


@blueprint.get("/plans")
@guard(READ)
def preview() -> ResponseReturnValue:
    """Show the days that a template gives for a fact of a day: the one in force, or that of a version, drafts too."""
    actor = current_actor()
    there = stores(actor.scope(READ))
    store = next((one for one in there if one.code == request.args.get("store")), there[0] if there else None)
    asked = request.args.get("trigger", DELIVERY)
    trigger = asked if asked in TRIGGERS else DELIVERY
    day, problem = _day(store)
    version = queries.plan_version(_number("version")) if actor.may(RULES) and _number("version") else None
    dates = _dates(trigger, day, store, version) if store is not None else []
    found = {
        "versions": queries.plan_versions() if actor.may(RULES) else [],
        "version": version,
        "dates": dates,
        "day": day,
        "problem": problem,
        "trigger": trigger,
        "store": store,
    }
    years = _unpublished(due.first for due in dates)
    return render_template("visits/plans.html", stores=there, years=years, **found, **_words())


@blueprint.post("/vehicles/<int:vehicle_id>/inspection")
@guard(WORK)
def note_inspection(vehicle_id: int) -> ResponseReturnValue:
    """Write down what somebody found out about the inspections of a vehicle."""
    actor = current_actor()
    page = redirect(url_for("customers.show_vehicle", vehicle_id=vehicle_id, _anchor="inspection"), 303)
    try:
        typed = request.form.get("official_day", "").strip()
        official = parse_day(typed, place="official_day") if typed else None
        known = request.form.get("exceptions") or None
        scope, now = actor.scope(WORK), request_now()
        service.note_inspection(vehicle_id, official, known, scope=scope, now=now, by=actor)
    except Malformed:
        notify(_("Nothing was saved: enter a day of the calendar as 2026-03-12, and choose one of the list."))
        return page
    notify(_("Saved. Reminders follow it."))
    return page


def _page(plan_id: int, refusal: str | None = None) -> str:
    actor = current_actor()
    plan = queries.plan(plan_id, actor.scope(READ))
    works = actor.may(WORK) and actor.scope(WORK).covers(plan.store_id)
    years = _unpublished(step.due_from for step in plan.steps if step.state == StepState.PLANNED)
    return render_template("visits/show.html", plan=plan, refusal=refusal, works=works, years=years, **_words())


def _day(store: StoreView | None) -> tuple[date, str | None]:
    today = day_at(request_now(), store.zone if store else "Asia/Shanghai")
    try:
        asked = parse_day(request.args["day"]) if request.args.get("day") else today
    except Malformed:
        return today, _("Choose a day.")
    return min(max(asked, EARLIEST), LATEST), None


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < LONGEST_NUMBER else None


def _dates(trigger: str, day: date, store: StoreView, version: VersionView | None) -> list[Due]:
    template = queries.template_of(version) if version else queries.template_on(day, store.zone)[1]
    opens = first_day(day, queries.window_months(day) or 0) if trigger == INSPECTION else None
    days = queries.days_of_stores({store.id}, opens or day, day + template.longest)
    return plan_dates(template, Fact(trigger, day, opens=opens), [], days[store.id])


def _unpublished(days: Iterable[date]) -> list[int]:
    return sorted({day.year for day in days if not is_published(day.year)})


def _words() -> dict[str, Any]:
    return {
        "plan_states": PLAN_STATES,
        "step_states": STEP_STATES,
        "tones": TONES,
        "step_tones": STEP_TONES,
        "triggers": TRIGGER_WORDS,
        "plan_days": DAYS,
        "channels": CHANNELS,
        "message_states": MESSAGE_STATES,
        "version_states": VERSION_STATES,
    }
