"""What a customer's page shows of the membership."""

from collections.abc import Collection
from datetime import datetime

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.membership import queries
from loyalty.points.queries import earned_by_sales
from loyalty.web.panels import Panel


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return level, points and card of a member, and for anybody else the way to become one.

    Whoever may see the customer sees its membership, of whichever store: the page's own wall has been passed.
    """
    if not actor.may("members.read"):
        return []
    card = queries.card_of(customer_id, EVERYTHING, now=now)
    if card is None:
        about = {"card": None, "customer_number": customer_number(customer_id)}
        return [Panel("actions", "membership/panel_actions.html", about, order=50)]
    context = {"card": card}
    return [
        Panel("badges", "membership/panel_badge.html", context, order=10),
        Panel("figures", "membership/panel_points.html", context, order=10),
        Panel("figures", "membership/panel_growth.html", context, order=20),
        Panel("right", "membership/panel_card.html", context, order=20),
        Panel("actions", "membership/panel_actions.html", context, order=50),
    ]


def timeline_panels(*, customer_id: int, sale_ids: Collection[int], actor: Actor) -> list[Panel]:
    """Return what each of these sales brought, for the slot `sale <id>` of the timeline."""
    if not actor.may("members.read"):
        return []
    earned = earned_by_sales(customer_id, sale_ids)
    return [Panel(f"sale {at}", "membership/panel_earned.html", {"earned": one}) for at, one in earned.items()]


def task_panels(*, customer_id: int, vehicle_id: int | None, actor: Actor, now: datetime) -> list[Panel]:
    """Return the level of a member, beside the name above a task."""
    del vehicle_id
    return [
        Panel("badges", panel.template, panel.context)
        for panel in queue_panels(customer_ids=[customer_id], actor=actor, now=now)
    ]


def queue_panels(*, customer_ids: Collection[int], actor: Actor, now: datetime) -> list[Panel]:
    """Return the levels of the members among these customers, for the slot `customer <id>` of a list of tasks."""
    if not actor.may("members.read"):
        return []
    return [
        Panel(f"customer {at}", "membership/panel_level.html", {"level": level})
        for at, level in queries.levels_of(customer_ids, now).items()
    ]
