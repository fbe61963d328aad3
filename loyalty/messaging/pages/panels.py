"""What a customer's page shows of the messages."""

from datetime import datetime

from loyalty.kernel.actor import Actor
from loyalty.messaging import queries
from loyalty.messaging.pages.blueprint import READ, SEND
from loyalty.messaging.queries import Filter
from loyalty.messaging.service.settling import RESENDABLE
from loyalty.messaging.words import CHANNELS, PROBLEMS, RULES, STATES
from loyalty.web.panels import Panel

MOST = 5


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return the last messages to a customer: their states, why they are held back, and the way to send one again."""
    del now
    if not actor.may(READ):
        return []
    page = queries.messages(Filter(customer_id=customer_id), actor.scope(READ), limit=MOST)
    repeated = queries.repeated([(one.customer_id, one.id) for one in page.items if one.state in RESENDABLE])
    may_send = actor.may(SEND)
    about = {
        "messages": page.items,
        "more": page.next_cursor is not None,
        "customer_id": customer_id,
        "again": {
            one.id
            for one in page.items
            if may_send and one.state in RESENDABLE and one.id not in repeated and one.body_sealed is not None
        },
        "ways": CHANNELS,
        "states": STATES,
        "rules": RULES,
        "problems": PROBLEMS,
    }
    return [Panel("right", "messaging/panel_customer.html", about, order=30)]
