"""A dealer with two stores, a webhook, and a sender that signs as the core system does."""

import json
from dataclasses import dataclass

import pytest

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.links import queries
from loyalty.links.rules import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature_of
from loyalty.links.service import create_webhook
from loyalty.staff.service import create_store

VIN = "LSVAA4182E2123456"
READER = ("links.read", "links.manage", "sales.read", "sales.import", "customers.read")


def a_sale(number="S-1", gross=10_000, **more):
    """A service order of ¥100.00 in one line, as the core system writes it, unless told otherwise."""
    body = {
        "number": number,
        "kind": "service",
        "store": "CD01",
        "customer": {"number": "K-1", "name": "王建国"},
        "occurred_at": "2026-03-10T10:00:00+08:00",
        "lines": [{"number": 1, "category": "labour", "gross": {"minor": gross, "currency": "CNY"}}],
    }
    return {**body, **more}


def an_event(event="E-1", **lists):
    return {"id": event, **(lists or {"sales": [a_sale()]})}


@dataclass
class Sender:
    """The core system: signs with its secret at its own clock, and sends."""

    client: object
    clock: object
    secret: str
    code: str = "dms"

    def send(self, body, *, secret=None, ahead=0, headers=None, raw=None, code=None):
        data = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
        timestamp = str(int(self.clock.now.timestamp()) + ahead)
        signed = {
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: signature_of(secret or self.secret, timestamp, data),
            "Accept-Language": "en",
        }
        return self.client.post(
            f"/api/v1/links/{code or self.code}/events",
            data=data,
            content_type="application/json",
            headers=signed if headers is None else headers,
        )


@pytest.fixture
def stores(db_session, clock):
    """The ids of two stores by code."""
    return {
        code: create_store(code=code, name=name, zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
        for code, name in (("CD01", "城东店"), ("CX01", "城西店"))
    }


@pytest.fixture
def core(client, clock, stores):
    """The core system behind the webhook `dms`."""
    secret = create_webhook(code="dms", name="门店 DMS", source="core", stores=None, now=clock.now, by=SYSTEM)
    return Sender(client, clock, secret)


@pytest.fixture
def link(core):
    """The link `dms` as it stands."""
    return lambda code="dms": queries.link_by_code(code)


@pytest.fixture
def rejects(stores):
    """What of a link is rejected and open: (kind, key, sentences)."""

    def listed(code="dms"):
        page = queries.rejects_page(queries.link_by_code(code).id, limit=100)
        return [
            (one.kind, one.key, [each["sentence"].format(**each["numbers"]) for each in one.flaws])
            for one in page.items
        ]

    return listed


@pytest.fixture
def acting(app, monkeypatch, stores, clock):
    """An administrator works on the staff pages; called, the way to become somebody else."""
    who = {"actor": Actor("staff", None, "李经理", dict.fromkeys(READER))}
    monkeypatch.setitem(app.extensions["loyalty.actor_loaders"], "/staff", lambda: who["actor"])
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: clock.now)  # the second factor was used just now
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return lambda actor: who.update(actor=actor)
