"""The page of one member, and the ledger behind it."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from loyalty.kernel.errors import Malformed
from loyalty.membership import queries
from loyalty.membership.pages.blueprint import blueprint
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor, request_now

LATEST = 8
UNITS = ("points", "growth")


@blueprint.get("/<number>")
@guard("members.read")
def show(number: str) -> ResponseReturnValue:
    """Show a member: level and why, points, what lapses when, and the latest movements."""
    now = request_now()
    card = queries.card(number, current_actor().scope("members.read"), now=now)
    g.zone = card.store.zone
    page = queries.movements(card.member.customer_id, limit=LATEST)
    return render_template(
        "membership/show.html",
        card=card,
        entries=page.items,
        endings=queries.endings(card.member.customer_id, now=now, zone=card.store.zone),
        changes=queries.level_changes(card.member.customer_id),
    )


@blueprint.get("/<number>/points")
@guard("points.read")
def points(number: str) -> ResponseReturnValue:
    """Show the ledger of a member; each movement leads to why it was booked."""
    now, unit = request_now(), _unit()
    card = queries.card(number, current_actor().scope("points.read"), now=now)
    g.zone = card.store.zone
    page = queries.movements(card.member.customer_id, unit=unit, cursor=request.args.get("cursor"))
    return render_template("membership/points.html", card=card, page=page, unit=unit)


@blueprint.get("/<number>/points/<int:movement_id>")
@guard("points.read")
def movement(number: str, movement_id: int) -> ResponseReturnValue:
    """Show why one movement was booked: its sale, lines, rules and versions."""
    unit = _unit()
    card = queries.card(number, current_actor().scope("points.read"), now=request_now())
    g.zone = card.store.zone
    entry = queries.movement(card.member.customer_id, movement_id, unit=unit)
    reasons = queries.reasons(entry, card.member.customer_id, unit=unit)
    return render_template("membership/movement.html", card=card, entry=entry, unit=unit, reasons=reasons)


def _unit() -> str:
    unit = request.args.get("unit", UNITS[0])
    if unit not in UNITS:
        raise Malformed({"unit": ["Choose points or growth."]})
    return unit
