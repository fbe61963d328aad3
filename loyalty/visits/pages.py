"""The pages of follow-up: plans with their steps, and what the template in force means for a day."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import Malformed, Refused
from loyalty.programme.rules import is_published
from loyalty.staff.queries import StoreView, stores
from loyalty.tasks.queries import store_days
from loyalty.visits import queries, service
from loyalty.visits.queries import READ, WORK
from loyalty.visits.rules import DELIVERY, SERVICE, Due, Fact, PlanState, plan_dates
from loyalty.visits.words import PLAN_STATES, STEP_STATES, STEP_TONES, TONES, TRIGGERS
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

blueprint = Blueprint("visits", __name__, url_prefix="/staff/visits", template_folder="templates")

CONFLICT = 409
EVERY = "all"
FARTHEST = timedelta(days=366 * 11)
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
    """Show the days that the template in force gives for a delivery or a service on a day."""
    there = stores(current_actor().scope(READ))
    store = next((one for one in there if one.code == request.args.get("store")), there[0] if there else None)
    trigger = SERVICE if request.args.get("trigger") == SERVICE else DELIVERY
    day, problem = _day(store)
    dates = _dates(trigger, day, store) if store is not None else []
    years = sorted({due.first.year for due in dates if not is_published(due.first.year)})
    found = {"dates": dates, "day": day, "problem": problem, "trigger": trigger, "store": store, "years": years}
    return render_template("visits/plans.html", stores=there, **found, **_words())


def _page(plan_id: int, refusal: str | None = None) -> str:
    actor = current_actor()
    plan = queries.plan(plan_id, actor.scope(READ))
    works = actor.may(WORK) and actor.scope(WORK).covers(plan.store_id)
    return render_template("visits/show.html", plan=plan, refusal=refusal, works=works, **_words())


def _day(store: StoreView | None) -> tuple[date, str | None]:
    today = day_at(request_now(), store.zone if store else "Asia/Shanghai")
    try:
        asked = parse_day(request.args["day"]) if request.args.get("day") else today
    except Malformed:
        return today, _("Choose a day.")
    return min(max(asked, EARLIEST), LATEST), None


def _dates(trigger: str, day: date, store: StoreView) -> list[Due]:
    _version, template = queries.template_on(day, store.zone)
    return plan_dates(template, Fact(trigger, day), [], store_days(day, day + FARTHEST)[store.id])


def _words() -> dict[str, Any]:
    return {
        "plan_states": PLAN_STATES,
        "step_states": STEP_STATES,
        "tones": TONES,
        "step_tones": STEP_TONES,
        "triggers": TRIGGERS,
    }
