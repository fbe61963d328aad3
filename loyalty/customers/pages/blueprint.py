"""The blueprint, and what all its pages share: stores and advisors to choose from, and the zone of a page."""

from flask import Blueprint, g
from flask_babel import gettext

from loyalty.customers.rules import customer_number
from loyalty.customers.words import channel_word, word
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import zone_of
from loyalty.staff import queries as staff

blueprint = Blueprint("customers", __name__, url_prefix="/staff", template_folder="../templates")


def store_choices(scope: Scope) -> list[tuple[str, str]]:
    """Return the stores in `scope` for a field."""
    return [(str(store.id), store.name) for store in staff.stores(scope)]


def advisor_choices() -> list[tuple[str, str]]:
    """Return the people who may advise customers, for a field."""
    people = [(str(account.id), account.name) for account in staff.accounts(limit=500) if account.active]
    return [("", gettext("Nobody yet")), *people]


def show_in_zone_of(store_id: int | None) -> str:
    """Let this page show moments as the clock in the store does; return the zone."""
    found = staff.stores_by_ids([store_id]) if store_id is not None else {}
    zone = found[store_id].zone if store_id in found else "Asia/Shanghai"
    zone_of(zone)
    g.zone = zone
    return zone


def only_store(actor: Actor) -> str:
    """Return the store that a form begins with: the first of the actor's."""
    stores = staff.stores(actor.scope("customers.edit"))
    return str(stores[0].id) if stores else ""


blueprint.add_app_template_filter(word, "customer_word")
blueprint.add_app_template_filter(channel_word)
blueprint.add_app_template_filter(customer_number)
