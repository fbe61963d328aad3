"""Stores, staff of two of them, and customers to work with."""

from datetime import date

import pytest

from loyalty.customers import service
from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.programme.service import load_file
from loyalty.sales.service import record_sales
from loyalty.staff.service import create_store
from tests.membership.conftest import programme
from tests.sales.conftest import OTHER_VIN, VIN, a_line, a_sale


@pytest.fixture
def everything():
    return EVERYTHING


@pytest.fixture
def store(db_session, clock):
    """The store in the east of the city."""
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    """A store whose customers the staff of the first one must not see."""
    return create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def agent(store):
    """A care agent of the first store."""
    names = ("customers.read", "customers.edit", "customers.reveal")
    return Actor(kind="staff", id=1, name="林悦", grants={name: frozenset({store}) for name in names})


@pytest.fixture
def here(store):
    """What the staff of the first store see."""
    return Scope(stores=frozenset({store}))


@pytest.fixture
def make_customer(db_session, clock, store):
    """Create a customer as a sale would; give its id."""
    made = iter(range(1, 10_000))

    def make(name="王建国", phone=None, *, home=store, number=None, kind="person"):
        number = number or f"K{next(made):05d}"
        row = Buyer("core", number, name, phone, kind, home)
        return ensure_customers([row], now=clock.now, by=SYSTEM)[number]

    return make


@pytest.fixture
def acting(app, monkeypatch):
    """Let requests of staff pages and of the API come from an actor; forms need no token."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    def act(actor):
        loaders = {"/staff": lambda: actor, "/api/": lambda: actor}
        monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", loaders)

    return act


@pytest.fixture
def desk(client, acting, agent):
    """A browser in which the agent of the first store is signed in."""
    acting(agent)
    return client


@pytest.fixture
def sell(store, clock):
    """Record sales as the core system tells them; give the customer."""

    def sold(*facts, mode="create"):
        outcomes = record_sales(facts, mode=mode, now=clock.now, by=SYSTEM)
        assert [one.problem for one in outcomes] == [None] * len(facts)
        return outcomes[0].customer_id

    return sold


@pytest.fixture
def rules(db_session, clock):
    load_file(programme(), now=clock.now, by=SYSTEM)


@pytest.fixture
def kept(rules, sell):
    """Bought once, so that she is a basic member with 2,000 points, and owns a car."""
    return sell(a_sale("A-1", a_line(gross=200_000), customer="K-1", phone="13812345678", vin=VIN))


@pytest.fixture
def gone(rules, sell):
    """The same person under another number: gold with 12,000 points, and another car."""
    days = (date(2026, 1, 5), date(2026, 1, 19), date(2026, 2, 2), date(2026, 2, 16))
    facts = [
        a_sale(f"B-{n}", a_line(gross=300_000), customer="K-2", name="王建囯", phone="13900000001", vin=OTHER_VIN,
               occurred=day)
        for n, day in enumerate(days)
    ]  # fmt: skip
    return [sell(fact) for fact in facts][-1]


@pytest.fixture
def merge(clock):
    def call(kept, gone, choice=None, *, dry_run=False, scope=EVERYTHING):
        return service.merge_customers(kept, gone, choice or {}, scope=scope, now=clock.now, by=SYSTEM, dry_run=dry_run)

    return call


@pytest.fixture
def part(clock):
    def call(merge_id):
        return service.part_customers(merge_id, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    return call
