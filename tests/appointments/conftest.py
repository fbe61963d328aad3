"""A store that takes cars in, customers with cars, and who may do what about their appointments."""

from datetime import UTC, date, datetime, time

import pytest

from loyalty.appointments.rules import Draft
from loyalty.appointments.service import make
from loyalty.cli.first_texts import write_first_texts
from loyalty.customers.rules import CustomerDraft, VehicleSeen
from loyalty.customers.service import create_customer, ensure_vehicles
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.clock import zone_of
from loyalty.staff.rules import StoreDetails
from loyalty.staff.service import create_store

ZONE = "Asia/Shanghai"
TODAY = date(2026, 3, 12)  # a Thursday; it is 14:08
FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 13), date(2026, 3, 14), date(2026, 3, 15)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:00 13:00-17:00") | {"sat": "10:00-12:30"}


def at(day, hour):
    """Return the moment at which an hour of a day begins in the store."""
    return datetime.combine(day, time(hour), zone_of(ZONE)).astimezone(UTC)


@pytest.fixture
def store(db_session, clock):
    """A store that is open on weekdays and on Saturday mornings, in a house with its first texts."""
    write_first_texts(clock.now)
    details = StoreDetails(opening_hours=WEEK, holidays="2026-03-17 2026-03-18 盘点")
    about = {"zone": ZONE, "currency": "CNY", "details": details}
    return create_store(code="CD01", name="城东店", **about, now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone=ZONE, currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def customer(db_session, clock, store):
    """Return a function that creates a customer of the store."""

    def create(name="王建国", phone="13812345678", vin=None):
        draft = CustomerDraft(name, home_store_id=store, identifiers=(("phone", phone),))
        made = create_customer(draft, scope=EVERYTHING, now=clock.now, by=SYSTEM).customer_id
        if vin:
            ensure_vehicles([VehicleSeen(vin, made, clock.now, TODAY, None, "轿车 1.6L")], now=clock.now, by=SYSTEM)
        return made

    return create


def owner_of(customer_id):
    return Actor("owner", customer_id, "owner", customer_id=customer_id)


@pytest.fixture
def desk(store):
    """Somebody at the desk of the store."""
    names = ("appointments.read", "appointments.work", "customers.read", "tasks.read", "tasks.work")
    return Actor("staff", 1, "前台", dict.fromkeys(names, frozenset({store})))


@pytest.fixture
def ask(store, clock):
    """Return a function with which an owner asks for an appointment."""

    def book(customer_id, day=FRIDAY, hour=9, *, key=None, by=None, at_store=store, **more):
        key = key or f"k-{customer_id}-{day}-{hour}"
        draft = Draft(customer_id, at_store, at(day, hour), more.pop("topic", "maintenance"), key, **more)
        return make(draft, now=clock.now, by=by or owner_of(customer_id))

    return book
