"""A store with a care agent, and deliveries and services on which plans hang."""

from datetime import UTC, date, datetime

import pytest

from jobs import visits as work
from loyalty.cli.first_texts import write_first_texts
from loyalty.customers.queries import ids_by_external
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.sales.service import record_sales
from loyalty.staff.service import assign, create_account, create_store
from loyalty.visits import queries
from tests.sales.conftest import VIN, a_sale

ZONE = "Asia/Shanghai"


@pytest.fixture
def store(db_session, clock):
    write_first_texts(clock.now)  # as every installation has them
    return create_store(code="CD01", name="城东店", zone=ZONE, currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def agent(store, clock):
    made = create_account(username="agent", name="Agent", password="correct horse staple", now=clock.now, by=SYSTEM)
    assign(made, "care_agent", store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    return made


def _manager(name, clock):
    made = create_account(username=name, name=name, password="correct horse staple", now=clock.now, by=SYSTEM)
    names = ("programme.read", "programme.edit", "programme.approve")
    return Actor("staff", made, name, dict.fromkeys(names))


@pytest.fixture
def manager(store, clock):
    """Who writes plans."""
    return _manager("writer", clock)


@pytest.fixture
def other_manager(store, clock):
    """Who approves them."""
    return _manager("approver", clock)


@pytest.fixture
def serve(store, clock):
    """Return a function that records a service of a day and gives its customer."""

    def make(number="S-1", *, day=date(2026, 3, 10), customer="K-1", vin=VIN, mode="create", **more):
        fact = a_sale(number, customer=customer, vin=vin, occurred=day, **more)
        (outcome,) = record_sales([fact], mode=mode, now=clock.now, by=SYSTEM)
        assert outcome.problem is None
        return ids_by_external("core", [customer])[customer]

    return make


@pytest.fixture
def deliver(store, clock):
    """Return a function that records a delivered vehicle and gives its customer."""

    def make(number="V-1", *, day=date(2026, 3, 10), customer="K-1", vin=VIN, mode="create"):
        at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        fact = a_sale(number, customer=customer, vin=vin, occurred=day, kind="vehicle", delivered=at)
        (outcome,) = record_sales([fact], mode=mode, now=clock.now, by=SYSTEM)
        assert outcome.problem is None
        return ids_by_external("core", [customer])[customer]

    return make


@pytest.fixture
def night(clock):
    """Return a function that plans what waits and opens what is due on a day."""

    def run(day):
        about = {"zone": ZONE, "dry_run": False, "now": clock.now, "by": SYSTEM}
        before = date.fromordinal(day.toordinal() - 1)
        return {**work.plans(before, **about), **work.reminders(before, **about)}

    return run


def plans(state=None):
    return queries.plans_page(EVERYTHING, state=state, limit=100).items


def days(plan):
    return {step.code: step.due_from.isoformat() for step in plan.steps}


def states(plan):
    return {step.code: step.state for step in plan.steps}
