"""Appointments around today, as owners asked for them and the counter wrote them down: kept, missed, still ahead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from loyalty.appointments import queries, service
from loyalty.appointments.queries import AppointmentView
from loyalty.appointments.rules import Draft, State
from loyalty.cli.demo.staff import ZONE
from loyalty.customers.queries import vehicles_of
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.errors import Refused
from loyalty.staff.queries import account_id
from loyalty.staff.rules import PERMISSIONS

OWNERS = 36
EARLIER = timedelta(days=4)
AHEAD = timedelta(days=7)
WANTED = (
    ("maintenance", "顺便检查刹车片。"),
    ("maintenance", ""),
    ("repair", "过减速带时有异响。"),
    ("tyres", "换冬季胎。"),
    ("inspection", "年检前检查。"),
)


def fill_diary(random: Random, homes: Sequence[tuple[int, int]], now: datetime) -> None:
    """Let some of these (customer, store) have an appointment: some asked days ago, the others today."""
    clerk = Actor("staff", account_id("wu.qian"), "吴倩", dict.fromkeys(PERMISSIONS))
    for customer_id, store_id in random.sample(homes, OWNERS):
        held = vehicles_of(customer_id)
        if not held:
            continue
        at = now - EARLIER if random.random() < 0.4 else now
        owner = Actor("owner", customer_id, "", customer_id=customer_id)
        topic, note = random.choice(WANTED)
        draft = Draft(customer_id, store_id, _time(random, store_id, at), topic, "demo", held[0].vehicle.id, note)
        try:
            made = service.make(draft, now=at, by=random.choice((owner, clerk)))
        except Refused:
            continue  # somebody else has the last place: this owner rings up another day
        if made.starts_at < now:
            _come(random, made, now, clerk)
        elif random.random() < 0.5 and made.state == State.ASKED:
            service.advance(made.id, State.CONFIRMED, scope=EVERYTHING, now=now, by=clerk)


def _time(random: Random, store_id: int, at: datetime) -> datetime:
    """Return a time that the store offers in the days behind `at`."""
    first, last = day_at(at + timedelta(days=1), ZONE), day_at(at + AHEAD, ZONE)
    offered = queries.offered(store_id, first, last)
    return random.choice([slot.starts_at for slots in offered.values() for slot in slots])


def _come(random: Random, made: AppointmentView, now: datetime, clerk: Actor) -> None:
    """Let the owner have come, or not."""
    came = (State.CONFIRMED, State.ARRIVED, State.KEPT) if random.random() < 0.6 else (State.CONFIRMED, State.MISSED)
    for state in came:
        if state != made.state:
            at = min(now, made.starts_at + timedelta(minutes=30 if state in {State.KEPT, State.MISSED} else 0))
            service.advance(made.id, state, scope=EVERYTHING, now=at, by=clerk)
