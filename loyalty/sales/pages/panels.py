"""What the pages of customers and vehicles show of the sales."""

from datetime import datetime

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import add_months, day_at
from loyalty.sales import queries
from loyalty.sales.words import KINDS
from loyalty.web.formats import page_zone
from loyalty.web.panels import Panel

LATEST = 5
MOST_VISITS = 20


def customer_panels(*, customer_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Return the latest sales of a customer that the actor may see, and when and how much in the last 12 months."""
    if not actor.may("sales.read"):
        return []
    scope, today = actor.scope("sales.read"), day_at(now, page_zone())
    sales = queries.latest_sales(customer_id, scope, LATEST)
    year = queries.year_of(customer_id, scope, add_months(today, -12))
    figures = {"year": year, "ago": (today - year.last_day).days if year else None}
    return [
        Panel("figures", "sales/panel_visit.html", figures, order=30),
        Panel("figures", "sales/panel_paid.html", figures, order=40),
        Panel("left", "sales/panel_latest.html", {"sales": sales, "kinds": KINDS}, order=40),
    ]


def vehicle_panels(*, vehicle_id: int, actor: Actor) -> list[Panel]:
    """Return the latest visits of a vehicle that the actor may see, whoever brought it."""
    if not actor.may("sales.read"):
        return []
    sales = queries.sales_of_vehicle(vehicle_id, actor.scope("sales.read"), MOST_VISITS)
    return [Panel("left", "sales/panel_vehicle.html", {"sales": sales, "kinds": KINDS}, order=40)]


def car_panels(*, customer_id: int, vehicle_id: int) -> list[Panel]:
    """Return the owner's own visits with one of the cars."""
    sales = queries.sales_of_vehicle(vehicle_id, Scope(stores=None, customer_id=customer_id), MOST_VISITS)
    return [Panel("below", "sales/panel_my_car.html", {"sales": sales, "kinds": KINDS}, order=40)]


def task_panels(*, customer_id: int, vehicle_id: int | None, actor: Actor, now: datetime) -> list[Panel]:
    """Return the last visit, as a fact beside a task: of the task's vehicle, or of the customer when it names none."""
    del now
    if not actor.may("sales.read"):
        return []
    scope = actor.scope("sales.read")
    if vehicle_id is not None:
        found = queries.sales_of_vehicle(vehicle_id, scope, MOST_VISITS)
    else:
        found = queries.latest_sales(customer_id, scope, MOST_VISITS)
    last = next((one for one in found if one.kind == "service"), None)
    return [Panel("facts", "sales/panel_task.html", {"last": last, "kinds": KINDS}, order=10)]
