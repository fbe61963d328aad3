"""Steps that become messages: at the hour of the plan on their day, and not after the last of their days."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from loyalty.customers.queries import VehicleView, customers_by_ids, vehicles_by_ids
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.clock import day_at, end_of, zone_of
from loyalty.messaging import service as messaging
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import TemplateDraft
from loyalty.staff.queries import StoreCard, store_cards
from loyalty.visits.queries import ABOUT, DueStep
from loyalty.visits.rules import BEST, USUAL_HOUR, USUAL_TEXTS

PURPOSE = "service"


def ensure_texts(*, now: datetime) -> int:
    """Write the texts of the usual plan that are not there yet; return how many. Others stay as people wrote them."""
    drafts = [TemplateDraft(name, title, PURPOSE, body) for name, (title, body) in USUAL_TEXTS.items()]
    return messaging.ensure_templates(drafts, now=now, by=SYSTEM)


def send_messages(steps: Sequence[DueStep], *, now: datetime, by: Actor) -> None:
    """Plan the messages of these steps, whose texts are in use; each once for each time that a step is opened."""
    if not steps:
        return
    cards = {card.id: card for card in store_cards(EVERYTHING)}
    people = customers_by_ids({step.customer_id for step in steps})
    cars = vehicles_by_ids({step.vehicle_id for step in steps if step.vehicle_id is not None})
    messages = [
        _message(step, people[step.customer_id].shown_name, cars.get(step.vehicle_id or 0), cards[step.store_id], now)
        for step in steps
    ]
    messaging.plan(messages, now=now, by=by)


def _message(step: DueStep, customer: str, vehicle: VehicleView | None, store: StoreCard, now: datetime) -> NewMessage:
    today = day_at(now, store.zone)
    first, last = max(step.due_from, today), max(step.due_to, today)
    begins = datetime.combine(first, time(step.basis.get("hour", USUAL_HOUR)), zone_of(store.zone)).astimezone(UTC)
    return NewMessage(
        dedupe_key=f"{ABOUT}:{step.id}:{step.openings}:{first.isoformat()}:{step.channel}",
        customer_id=step.customer_id,
        template=step.template or "",
        due_at=max(begins, now),
        not_after=end_of(last, store.zone),
        variables={
            "customer": customer,
            "store": store.name,
            "phone": store.phone or "",
            "vehicle": (vehicle.shown_plate or vehicle.model or vehicle.vin) if vehicle else "",
            "day": step.day.isoformat(),
        },
        store_id=step.store_id,
        channel=None if step.channel == BEST else step.channel,
        about_kind=ABOUT,
        about_id=step.id,
    )
