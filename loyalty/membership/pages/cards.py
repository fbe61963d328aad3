"""The page of one member, and the ledger behind it."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from loyalty.approvals.queries import approval
from loyalty.earning.queries import Explained
from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.errors import Malformed
from loyalty.membership import queries
from loyalty.membership.pages.blueprint import blueprint
from loyalty.points.queries import explain_entry
from loyalty.web.guards import guard
from loyalty.web.languages import html_language, say
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
        holds=queries.holds(card.member.customer_id),
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
    """Show why one movement was booked: its sale, lines, rules and versions, its request, and which points it moved."""
    unit = _unit()
    card = queries.card(number, current_actor().scope("points.read"), now=request_now())
    g.zone = card.store.zone
    entry = queries.movement(card.member.customer_id, movement_id, unit=unit)
    told = explain_entry(card.member.customer_id, movement_id)
    return render_template(
        "membership/movement.html",
        card=card,
        entry=entry,
        unit=unit,
        reasons=[_said(line) for line in queries.reasons(entry, card.member.customer_id, unit=unit)],
        request_of=None if entry.request_id is None else approval(entry.request_id, EVERYTHING),
        lots=[(lot, queries.last_day(lot.expires_at, card.store.zone)) for lot in told.lots],
        related=[one for one in told.related if one.kind != "activate"],
    )


def _said(line: Explained) -> str:
    """Return why a line of the sale has its points; the rule by its name in the reader's language, not by its code."""
    name = line.numbers["name"].get("zh" if html_language() == "zh-CN" else "en") or line.numbers["rule"]
    return say(line.sentence, {**line.numbers, "rule": _("“%(name)s”", name=name)})


def _unit() -> str:
    unit = request.args.get("unit", UNITS[0])
    if unit not in UNITS:
        raise Malformed({"unit": ["Choose points or growth."]})
    return unit
