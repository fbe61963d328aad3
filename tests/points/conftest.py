"""A store, members with accounts, and short words for what is booked on them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import day_at
from loyalty.points import queries, service
from loyalty.points.rules import Ask, Award, Take
from loyalty.staff.service import create_store

ZONE = "Asia/Shanghai"


@pytest.fixture
def shop(db_session, clock):
    return create_store(code="CD01", name="城东店", zone=ZONE, currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def make_members(db_session, clock, shop):
    """Create customers with accounts; give their ids."""
    made = iter(range(1, 1_000_000))

    def make(count):
        rows = [Buyer("core", f"K{next(made):06d}", "王建国", None, "person", shop) for _ in range(count)]
        ids = list(ensure_customers(rows, now=clock.now, by=SYSTEM).values())
        service.open_accounts(ids, now=clock.now, by=SYSTEM)
        return ids

    return make


@pytest.fixture
def member(make_members):
    return make_members(1)[0]


class Desk:
    """What tests do with points, in few words; every call has its own key unless one is given."""

    def __init__(self, clock, shop):
        self.clock = clock
        self.shop = shop
        self.calls = 0

    def key(self, given):
        self.calls += 1
        return given or f"call-{self.calls}"

    def award_of(self, member, points, *, sale=None, ends=None, starts=None, key=None, unit="points", **more):
        """An award; `ends` and `starts` are days from now."""
        key = self.key(key)
        now = self.clock.now
        return Award(
            key=key,
            customer_id=member,
            unit=unit,
            points=points,
            source_kind="sale",
            source_id=self.calls if sale is None else sale,
            source_number=f"S{self.calls if sale is None else sale}",
            store_id=self.shop,
            occurred_at=more.pop("occurred_at", now),
            business_day=day_at(now, ZONE),
            available_from=None if starts is None else now + timedelta(days=starts),
            expires_at=None if ends is None else now + timedelta(days=ends),
            policy_version_id=None,
            reason="1 point for each 1.00",
            **more,
        )

    def award(self, member, points, **more):
        return service.award([self.award_of(member, points, **more)], now=self.clock.now, by=SYSTEM)

    def take_of(self, member, points, *, sale, key=None, shortfall="debt", unit="points"):
        key = self.key(key)
        now = self.clock.now
        return Take(
            key=key,
            customer_id=member,
            unit=unit,
            points=points,
            source_kind="refund",
            source_id=self.calls,
            source_number=f"R{self.calls}",
            store_id=self.shop,
            occurred_at=now,
            business_day=day_at(now, ZONE),
            policy_version_id=None,
            reason="refund",
            shortfall=shortfall,
            award_source_kind="sale",
            award_source_id=sale,
        )

    def take(self, member, points, **more):
        return service.take_back([self.take_of(member, points, **more)], now=self.clock.now, by=SYSTEM)

    def ask(self, member, points, *, key=None, **more):
        return Ask(member, points, self.key(key), self.shop, "at the desk", **more)

    def balance(self, member, **more):
        return queries.balance(member, now=self.clock.now, **more)

    def figures(self, member, **more):
        """(available, pending, held, debt)"""
        stands = self.balance(member, **more)
        return (stands.available, stands.pending, stands.held, stands.debt)


@pytest.fixture
def desk(clock, shop):
    return Desk(clock, shop)


LEDGER = ("ledger_transactions", "ledger_postings", "ledger_allocations", "points_lots", "points_holds")
FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass::text, conname)
    FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY (:tables)
"""


@pytest.fixture
def unguard(db_session):
    """Take every trigger and foreign key away from the ledger, until the test's transaction is taken back."""

    def take_away():
        db_session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for (statement,) in db_session.execute(text(FOREIGN_KEYS), {"tables": list(LEDGER)}).all():
            db_session.execute(text(statement))
        for table in LEDGER:
            db_session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))

    return take_away
