"""The way to everything that is set up: one card for each page that is open to the person."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from loyalty.web.guards import signed_in

blueprint = Blueprint("settings", __name__, url_prefix="/staff/settings", template_folder="../templates")


@dataclass(frozen=True, slots=True)
class Card:
    """A page, what is set there, and the permission it asks for (None: none)."""

    title: LazyString
    text: LazyString
    address: str
    icon: str
    permission: str | None


CARDS = (
    Card(
        _("Programme"),
        _("Earning, expiry, refunds, tiers: versions of the rules, and what a change would do."),
        "/staff/programme",
        "sliders",
        "programme.read",
    ),
    Card(
        _("Work calendar"),
        _("Holidays and make-up workdays."),
        "/staff/programme/calendar",
        "calendar3",
        "programme.read",
    ),
    Card(
        _("Stores"),
        _("Name, contact, opening hours and holidays of each store."),
        "/staff/stores",
        "shop",
        "stores.manage",
    ),
    Card(
        _("Accounts"),
        _("Who signs in, with which roles, and on which devices."),
        "/staff/accounts",
        "person-badge",
        "accounts.manage",
    ),
    Card(
        _("Roles"),
        _("What each role may do, and who holds it."),
        "/staff/roles",
        "people",
        "accounts.manage",
    ),
    Card(
        _("API clients"),
        _("Programs with a token: what they may do, and when they last came."),
        "/staff/clients",
        "key",
        "clients.manage",
    ),
    Card(
        _("Links to core sales"),
        _("Where sales come from: last seen, lag, rejected rows."),
        "/staff/links",
        "receipt",
        "sales.import",
    ),
    Card(
        _("Audit"),
        _("Who changed what, when and from where."),
        "/staff/audit",
        "journal-check",
        "audit.read",
    ),
    Card(
        _("My settings"),
        _("Password, second factor, devices, language and colours."),
        "/staff/me",
        "person",
        None,
    ),
)
"""Cards whose address is not served, or that the person may not open, are left out by the page."""


@blueprint.get("")
@signed_in
def hub() -> ResponseReturnValue:
    """Show the cards."""
    return render_template("staff/settings.html", cards=CARDS)
