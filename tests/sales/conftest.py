"""Stores, staff of one of them, and sales as the core system tells them."""

from datetime import date
from decimal import Decimal

import pytest

from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.effects import Effect
from loyalty.sales.events import SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered
from loyalty.sales.rules import CustomerFact, LineFact, RefundFact, RefundLineFact, SaleFact, VehicleFact
from loyalty.sales.service import record_sales
from loyalty.staff.service import create_store

VIN = "LSVAA4182E2123456"
OTHER_VIN = "LFV2A21K8G4012345"


def a_line(number=1, gross=10_000, *, net=None, quantity=1, category="labour", sku=None):
    net = gross if net is None else net
    return LineFact(number, sku, category, Decimal(str(quantity)), net, gross - net, gross)


def a_sale(number="S-1", *lines, customer="K-1", name="王建国", phone=None, vin=None, plate=None, **more):
    """A service order of one line of ¥100.00, unless told otherwise."""
    values = {
        "source": "core",
        "number": number,
        "kind": "service",
        "store": "CD01",
        "customer": CustomerFact(customer, name, phone),
        "occurred": date(2026, 3, 10),
        "currency": "CNY",
        "lines": lines or (a_line(),),
        "vehicle": VehicleFact(vin, plate) if vin else None,
    }
    return SaleFact(**{**values, **more})


def a_refund(number="R-1", *lines, sale="S-1", **more):
    values = {"source": "core", "sale_number": sale, "number": number, "occurred": date(2026, 3, 11), "lines": lines}
    return RefundFact(**{**values, **more})


def back(number=1, *, quantity=None, gross=None):
    return RefundLineFact(number, None if quantity is None else Decimal(str(quantity)), gross)


def with_gross(fact, gross):
    """The same sale with its first line at another amount."""
    first = fact.lines[0]._replace(net_minor=gross, gross_minor=gross, tax_minor=0)
    return fact._replace(lines=(first, *fact.lines[1:]))


@pytest.fixture
def store(db_session, clock):
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def here(store):
    """A program that may write and read the sales of the first store."""
    names = ("sales.read", "sales.write", "sales.import")
    return Actor(kind="client", id=7, name="core link", grants={name: frozenset({store}) for name in names})


@pytest.fixture
def record(store, clock, here):
    """Record one or more sales as that program; give the outcomes."""

    def call(*facts, mode="create", by=None, **more):
        return record_sales(facts, mode=mode, now=clock.now, by=by or here, **more)

    return call


class Listener:
    """What was announced; it answers each recorded sale with one effect."""

    def __init__(self):
        self.heard = []

    def __call__(self, announced, *, now, by):
        assert now.tzinfo is not None
        assert by.name
        self.heard.append(list(announced))
        return [self.effect(each) for each in announced]

    def effect(self, each):
        sale = getattr(each, "after", None) or getattr(each, "sale", each)
        number = getattr(sale, "number", "")
        return Effect(
            "test.heard", "{kind} of {number}", {"kind": type(each).__name__, "number": number}, sale.customer_id
        )

    def of(self, kind):
        return [each for announced in self.heard for each in announced if isinstance(each, kind)]


@pytest.fixture
def listener(monkeypatch):
    """Listens to all that sales announce, in place of points and tiers."""
    monkeypatch.setattr(events, "_wires", events._Wires())
    listening = Listener()
    events.wire({kind: [listening] for kind in (SaleRecorded, SaleCorrected, SaleRefunded, VehicleDelivered)})
    return listening


@pytest.fixture
def acting(app, monkeypatch, store, clock):
    """A manager of the first store works on the staff pages, fresh proof given; called, it becomes another."""
    names = ("sales.read", "sales.import", "customers.read")
    who = {"actor": Actor("staff", None, "李经理", {name: frozenset({store}) for name in names})}
    monkeypatch.setitem(app.extensions["loyalty.actor_loaders"], "/staff", lambda: who["actor"])
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: clock.now)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return lambda actor: who.update(actor=actor)


@pytest.fixture
def desk(client, acting):
    """A browser without script in which that manager works."""
    client.become = acting
    return client
