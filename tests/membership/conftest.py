"""Two stores, a programme with four levels, staff of the first store, and members made by enrolling."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import event

from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import SYSTEM, Actor, Scope
from loyalty.kernel.clock import day_at
from loyalty.membership import service
from loyalty.membership.rules import Newcomer, number_of
from loyalty.points.rules import Award
from loyalty.points.service import award
from loyalty.programme.service import load_file
from loyalty.staff.service import create_store

ZONE = "Asia/Shanghai"
YEAR = {"kind": "rolling", "months": 12}


def _level(code, zh, en, rank, combine, minor, visits):
    criteria = [
        {"metric": "spend", "threshold": {"minor": minor, "currency": "CNY"}, "window": YEAR},
        {"metric": "visits", "threshold": visits, "window": YEAR},
    ]
    qualify = {"combine": combine, "criteria": criteria}
    return {"code": code, "name": {"zh": zh, "en": en}, "rank": rank, "qualify": qualify}


TIERS = {
    "currency": "CNY",
    "levels": [
        {"code": "basic", "name": {"zh": "普通会员", "en": "Basic"}, "rank": 0},
        _level("silver", "银卡会员", "Silver", 1, "any", 300_000, 2),
        _level("gold", "金卡会员", "Gold", 2, "all", 1_000_000, 4),
        _level("platinum", "白金会员", "Platinum", 3, "all", 3_000_000, 8),
    ],
    "review": {"kind": "rolling", "months": 12},
}
EARNING = {
    "rounding": "floor",
    "stacking": "best",
    "rules": [
        {
            "code": "spend",
            "name": {"zh": "消费积分", "en": "Points for spending"},
            "per": "amount",
            "points": "1",
            "each": {"minor": 100, "currency": "CNY"},
        },
    ],
}
MEMBERSHIP = {"enrol": "first_sale", "adjustment_limit": 1000}


def programme(**bodies):
    """A programme file; a body given as None is left out."""
    usual = {"membership": MEMBERSHIP, "tiers": TIERS, "earning": EARNING, "expiry": {"mode": "months", "months": 24}}
    chosen = {kind: body for kind, body in {**usual, **bodies}.items() if body is not None}
    versions = [{"kind": kind, "effective_from": "2020-01-01", "body": body} for kind, body in chosen.items()]
    return {"programme": "test", "versions": versions}


@pytest.fixture
def rules(db_session, clock):
    """The programme in force."""
    load_file(programme(), now=clock.now, by=SYSTEM)


@pytest.fixture
def store(db_session, clock):
    return create_store(code="CD01", name="城东店", zone=ZONE, currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone=ZONE, currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def here(store):
    """What the staff of the first store see."""
    return Scope(stores=frozenset({store}))


@pytest.fixture
def agent(store):
    """A manager of the first store."""
    names = (
        "members.read",
        "members.enrol",
        "points.read",
        "points.redeem",
        "points.adjust",
        "points.transfer",
        "tiers.set",
    )
    grants = {name: frozenset({store}) for name in (*names, "customers.read")}
    return Actor(kind="staff", id=1, name="林悦", grants=grants)


@dataclass(frozen=True)
class Someone:
    """A member in a test."""

    customer_id: int
    number: str


@pytest.fixture
def make_customer(db_session, clock, store):
    made = iter(range(1, 100_000))

    def make(name="王建国", phone=None, *, home=None):
        number = f"K{next(made):05d}"
        row = Buyer("core", number, name, phone, "person", home or store)
        return ensure_customers([row], now=clock.now, by=SYSTEM)[number]

    return make


@pytest.fixture
def make_member(make_customer, rules, clock, store):
    """Enrol a customer with some points."""

    def make(name="王建国", *, points=0, home=None, phone=None):
        at = home or store
        customer_id = make_customer(name, phone, home=at)
        newcomer = Newcomer(customer_id, at, clock.now, day_at(clock.now, ZONE))
        service.enrol([newcomer], now=clock.now, by=SYSTEM)
        if points:
            give(customer_id, points, at, clock)
        return Someone(customer_id, number_of(customer_id))

    return make


def give(customer_id, points, store, clock, *, number="R-88214", ends=None, unit="points"):
    """Book an award of a work order; `ends` is in days from now."""
    award(
        [
            Award(
                key=f"{number}:{unit}:{customer_id}",
                customer_id=customer_id,
                unit=unit,
                points=points,
                source_kind="sale",
                source_id=None,
                source_number=number,
                store_id=store,
                occurred_at=clock.now,
                business_day=day_at(clock.now, ZONE),
                available_from=None,
                expires_at=None if ends is None else clock.now + timedelta(days=ends),
                policy_version_id=None,
                reason="",
            )
        ],
        now=clock.now,
        by=SYSTEM,
    )


@pytest.fixture
def member(make_member):
    """A member with 8,420 points."""
    return make_member(points=8420)


@pytest.fixture
def desk(client, acting, agent):
    """A browser in which the manager of the first store is signed in."""
    acting(agent)
    return client


@pytest.fixture
def statements(db_session):
    """Return a context that collects the statements sent in it, without those of the test's own transaction."""

    @contextmanager
    def collecting():
        sent = []

        def note(_connection, _cursor, statement, *_rest):
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS")):
                sent.append(statement)

        connection = db_session.connection()
        event.listen(connection, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(connection, "before_cursor_execute", note)

    return collecting
