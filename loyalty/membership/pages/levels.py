"""A level set by hand: one person says why and until when, another approves it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.approvals.queries import waiting_about
from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import NotFound, Refused
from loyalty.membership import queries, service
from loyalty.membership.forms import LevelForm
from loyalty.membership.pages.blueprint import blueprint
from loyalty.tiers.queries import floors, scheme_on
from loyalty.tiers.rules import LevelNotFound
from loyalty.web.forms import Filled, empty, load
from loyalty.web.guards import guard
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
    actor, asked = current_actor(), filled.values
    try:
        request_number = service.ask_for_level(
            number,
            asked["level"],
            until=asked["until"],
            reason=asked["reason"],
            scope=actor.scope("tiers.set"),
            now=request_now(),
            by=actor,
        )
    except (Refused, LevelNotFound) as refused:
        return _page(number, filled, refused), CONFLICT
    notify(_("Request %(number)s waits for a second person in the approvals.", number=request_number))
    return redirect(url_for("members.level_form", number=number), code=303)


def _page(number: str, filled: Filled, refused: Refused | NotFound | None = None) -> str:
    actor, now = current_actor(), request_now()
    card = queries.card(number, actor.scope("tiers.set"), now=now)
    scheme = scheme_on(day_at(now, card.store.zone)).rules
    return render_template(
        "membership/level.html",
        card=card,
        filled=filled,
        refused=refused,
        scheme=scheme,
        floors=[floor for floor in floors(card.member.customer_id) if floor.approved_at is not None],
        waiting=waiting_about(service.LEVELS.code, card.member.customer_id),
    )
