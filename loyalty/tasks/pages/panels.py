"""What a customer's page shows of the tasks."""

from datetime import datetime

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import Actor
from loyalty.tasks import queries
from loyalty.tasks.queries import READ
from loyalty.tasks.words import STATES, TONES
from loyalty.web.panels import Panel

MOST = 5


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return what is still to be done for a customer in the actor's stores, and the way to arrange more."""
    if not actor.may(READ):
        return []
    scope = actor.scope(READ)
    live = [one for one in queries.tasks_of(customer_id) if one.live and scope.covers(one.store_id)]
    about = {"tasks": live[:MOST], "states": STATES, "tones": TONES, "now": now, "number": customer_number(customer_id)}
    return [Panel("right", "tasks/panel_customer.html", about, order=10)]
