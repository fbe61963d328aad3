"""What stores offer: times, and how many cars fit in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from loyalty.appointments.models import AppointmentCapacity, AppointmentPlace
from loyalty.appointments.rules import PLACES, Slot, slots_on
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import end_of, midnight
from loyalty.kernel.db import db
from loyalty.programme.queries import work_calendar
from loyalty.staff.queries import store_cards


def capacity(store_id: int) -> int:
    """Return how many cars the store takes in at once."""
    told = db.session.scalar(select(AppointmentCapacity.places).where(AppointmentCapacity.store_id == store_id))
    return PLACES if told is None else told


def offered(store_id: int, since: date, until: date) -> Mapping[date, list[Slot]]:
    """Return the slots of a store by day, between two days, with the places left; full and past ones too.

    Some six statements for any number of days. A day on which the store takes no cars in has no slots.
    """
    (card,) = store_cards(Scope(stores=frozenset({store_id})))
    calendar = work_calendar(since, until, store_id=store_id)
    places = capacity(store_id)
    taken = _taken(store_id, midnight(since, card.zone), end_of(until, card.zone))
    days = [since + timedelta(days=at) for at in range((until - since).days + 1)]
    return {
        day: [
            replace(Slot(first, last), left=max(places - taken.get(first, 0), 0))
            for first, last in slots_on(day, card.opening_hours, calendar, card.zone)
        ]
        for day in days
    }


def zone_of_store(store_id: int) -> str:
    """Return the zone of a store."""
    (card,) = store_cards(Scope(stores=frozenset({store_id})))
    return card.zone


def _taken(store_id: int, since: datetime, until: datetime) -> Mapping[datetime, int]:
    chosen = (
        select(AppointmentPlace.starts_at, func.count())
        .where(
            AppointmentPlace.store_id == store_id,
            AppointmentPlace.starts_at >= since,
            AppointmentPlace.starts_at < until,
        )
        .group_by(AppointmentPlace.starts_at)
    )
    return dict(db.session.execute(chosen).all())
