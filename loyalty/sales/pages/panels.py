"""What a customer's page shows of the sales."""

from datetime import datetime

from loyalty.kernel.actor import Actor
from loyalty.sales import queries
from loyalty.sales.words import KINDS
from loyalty.web.panels import Panel

LATEST = 5


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return the latest sales of a customer that the actor may see."""
    del now  # the latest, however long ago
    if not actor.may("sales.read"):
        return []
    sales = queries.latest_sales(customer_id, actor.scope("sales.read"), LATEST)
    return [Panel("left", "sales/panel_latest.html", {"sales": sales, "kinds": KINDS}, order=40)]
