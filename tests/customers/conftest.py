"""Stores, staff of two of them, and customers to work with."""

import pytest

from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor, Scope
from loyalty.staff.service import create_store


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
