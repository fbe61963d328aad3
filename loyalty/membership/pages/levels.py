"""A level set by hand: one person says why and until when, another approves it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import Refused
from loyalty.membership import queries
from loyalty.membership.forms import LevelForm
from loyalty.membership.pages.blueprint import blueprint
from loyalty.tiers import service as tiers
from loyalty.tiers.queries import floors, scheme_on
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
from loyalty.web.languages import say
from loyalty.web.notices import notify
from loyalty.web.requests import current_actor, request_now

UNREADABLE, CONFLICT = 422, 409


@blueprint.get("/<number>/level")
@guard("tiers.set")
def level_form(number: str) -> ResponseReturnValue:
    """Show the levels set by hand, those that wait for a second person, and the form for another."""
    return _page(number, empty())


@blueprint.post("/<number>/level")
@guard("tiers.set")
def set_level(number: str) -> ResponseReturnValue:
    """Write down a level by hand; it waits for a second person."""
    filled = load(LevelForm, request.form)
    if not filled.ok:
        return _page(number, filled), UNREADABLE
    actor, now = current_actor(), request_now()
    card = queries.card(number, actor.scope("tiers.set"), now=now)
    asked, today = filled.values, day_at(now, card.store.zone)
    try:
        tiers.set_floor(
            card.member.customer_id,
            asked["level"],
            until=asked["until"],
            reason=asked["reason"],
            today=today,
            now=now,
            by=actor,
        )
    except Refused as refused:
        return _page(number, filled, refused), CONFLICT
    notify(_("The level waits for a second person."))
    return redirect(url_for("members.level_form", number=number), code=303)


@blueprint.post("/<number>/level/<int:floor_id>/approve")
@guard("tiers.set")
def approve_level(number: str, floor_id: int) -> ResponseReturnValue:
    """Let a level that another person set by hand count from today on."""
    actor, now = current_actor(), request_now()
    card = queries.card(number, actor.scope("tiers.set"), now=now)
    today = day_at(now, card.store.zone)
    try:
        effects = tiers.approve_floor(card.member.customer_id, floor_id, today=today, now=now, by=actor)
    except Refused as refused:
        return _page(number, empty(), refused), CONFLICT
    told = " ".join(say(effect.sentence, effect.numbers) for effect in effects)
    notify(told or _("The level set by hand counts from today."))
    return redirect(url_for("members.show", number=number), code=303)


def _page(number: str, filled: Filled, refused: Refused | None = None) -> str:
    actor, now = current_actor(), request_now()
    card = queries.card(number, actor.scope("tiers.set"), now=now)
    scheme = scheme_on(day_at(now, card.store.zone)).rules
    return render_template(
        "membership/level.html",
        card=card,
        filled=filled,
        refused=refused,
        scheme=scheme,
        floors=floors(card.member.customer_id),
        mine=actor.id,
    )
