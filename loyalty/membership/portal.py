"""What owners see of their membership: /my."""

from itertools import groupby

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from loyalty.customers.queries import card as customer_card
from loyalty.customers.queries import vehicles_of
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import add_months
from loyalty.membership import queries
from loyalty.sales.queries import year_of
from loyalty.web.formats import in_zone, today
from loyalty.web.guards import owner_only
from loyalty.web.panels import Panel
from loyalty.web.requests import current_actor, request_now

LATEST = 5
PAGE = 30

blueprint = Blueprint("my", __name__, url_prefix="/my", template_folder="templates")


@blueprint.get("/")
@owner_only
def home() -> ResponseReturnValue:
    """Show the card with level and progress, the points, what lapses next, and the cars."""
    card = _card()
    if card is None:
        return _guest()
    entries = queries.movements(card.member.customer_id, limit=LATEST).items
    cars = vehicles_of(card.member.customer_id)
    year = year_of(card.member.customer_id, _own(), add_months(today(), -12))
    return render_template("membership/portal/home.html", card=card, entries=entries, cars=cars, year=year)


@blueprint.get("/points")
@owner_only
def points() -> ResponseReturnValue:
    """Show what came and went by month, and what lapses when."""
    card = _card()
    if card is None:
        return _guest()
    customer_id = card.member.customer_id
    page = queries.movements(customer_id, cursor=request.args.get("cursor"), limit=PAGE)
    months = [(month, list(entries)) for month, entries in groupby(page.items, key=_month)]
    return render_template(
        "membership/portal/points.html",
        card=card,
        months=months,
        next_cursor=page.next_cursor,
        endings=queries.endings(customer_id, now=request_now(), zone=card.store.zone),
    )


@blueprint.get("/tier")
@owner_only
def tier() -> ResponseReturnValue:
    """Show the ladder of levels, with what is missing for each."""
    card = _card()
    return _guest() if card is None else render_template("membership/portal/tier.html", card=card)


def profile_panels(*, customer_id: int) -> list[Panel]:
    """Return the member number and the day of joining, for the owner's profile."""
    member = queries.member_of(customer_id, Scope(stores=None, customer_id=customer_id))
    return [] if member is None else [Panel("rows", "membership/portal/panel_profile.html", {"member": member})]


def _month(entry: queries.Movement) -> object:
    return in_zone(entry.occurred_at).date().replace(day=1)


def _card() -> queries.Card | None:
    """Return the owner's own card, or None for an owner who is no member; moments are shown as at the store."""
    card = queries.card_of(_customer_id(), _own(), now=request_now())
    if card is not None:
        g.zone = card.store.zone
    return card


def _guest() -> str:
    return render_template("membership/portal/guest.html", who=customer_card(_customer_id(), _own()))


def _customer_id() -> int:
    return current_actor().customer_id or 0


def _own() -> Scope:
    return Scope(stores=None, customer_id=_customer_id())
