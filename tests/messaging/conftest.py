"""A dealer with a store, customers who can be reached, templates, and carriers that answer as they are told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from loyalty.customers.rules import ConsentGiven, CustomerDraft
from loyalty.customers.service import create_customer, record_consents
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.db import db
from loyalty.messaging.ports import Answer
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import TemplateDraft, create_template, drain, plan
from loyalty.programme.service import load_file
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.service import create_store

LONG_AGO = datetime(2026, 1, 5, 4, tzinfo=UTC)
ANY_HOUR = {"hours": [], "often": []}

READY = {
    "variables": ["name"],
    "texts": {
        channel: {
            "zh_Hans_CN": {"text": "{name}，您的车已修好。", **subject("维修完成")},
            "en": {"text": "{name}, your car is ready.", **subject("Your car is ready")},
        }
        for channel, subject in (
            ("sms", lambda _: {}),
            ("wechat", lambda _: {}),
            ("email", lambda words: {"subject": words}),
            ("inbox", lambda words: {"subject": words}),
        )
    },
}


@dataclass
class Recorder:
    """A carrier that keeps what it was given; `answers` has outcomes by address or key, and `on_send` is told."""

    dedupes: bool = False
    lanes: int = 1
    outcomes: dict = field(default_factory=dict)
    usual: str = "accepted"
    got: list = field(default_factory=list)
    on_send: object = None

    def send(self, outgoing, *, seconds):
        assert seconds > 0
        self.got.append(outgoing)
        if self.on_send:
            self.on_send(outgoing)
        outcome = self.outcomes.get(outgoing.address, self.usual)
        return Answer(outcome, f"ref-{outgoing.key}" if outcome == "accepted" else None, outcome)

    @property
    def keys(self):
        return [one.key for one in self.got]


@pytest.fixture
def carrier(app, monkeypatch):
    """The carrier of every channel but the inbox."""
    recorder = Recorder()
    for channel in ("sms", "email", "wechat"):
        monkeypatch.setitem(app.extensions["loyalty.carriers"], channel, recorder)
    return recorder


@pytest.fixture
def store(db_session, clock):
    """The id of a store in Shanghai."""
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def templates(db_session, clock):
    """A service notice, an offer and a wish."""
    for name, purpose in (("ready", "service"), ("offer", "marketing"), ("wish", "greeting")):
        create_template(TemplateDraft(name, name.title(), purpose, READY), now=clock.now, by=SYSTEM)


@pytest.fixture
def person(store, clock):
    """Return a function that makes a customer with a phone and an address."""
    made = iter(range(1, 10_000))

    def make(*, phone=True, agrees=("marketing",), name="王建国", **more):
        at = next(made)
        identifiers = (
            (("phone", f"1381234{at:04d}"), ("email", f"k{at}@example.com"), ("openid", f"open-{at:06d}"))
            if phone
            else ()
        )
        draft = CustomerDraft(name, identifiers=identifiers, home_store_id=store, **more)
        customer_id = create_customer(draft, scope=EVERYTHING, now=clock.now, by=SYSTEM).customer_id
        given = [
            ConsentGiven(purpose, channel, granted=True, at=LONG_AGO)
            for purpose in agrees
            for channel in ("sms", "email", "wechat")
        ]
        record_consents(customer_id, given, scope=EVERYTHING, now=clock.now, by=SYSTEM)
        return customer_id

    return make


@pytest.fixture
def always_open(db_session, clock):
    """A gate without quiet hours and frequency, so that a test may run at any hour of the database's clock."""
    gate = {"kind": "gate", "effective_from": "2020-01-01", "body": ANY_HOUR}
    load_file({"programme": "test", "versions": [gate]}, now=clock.now, by=SYSTEM)


@pytest.fixture
def planned(templates, clock):
    """Return a function that plans a message which is due, and gives its id."""
    made = iter(range(1, 1_000_000))

    def make(customer_id, template="ready", channel="sms", *, due=None, **more):
        key = f"test:{customer_id}:{template}:{next(made)}"
        message = NewMessage(key, customer_id, template, due or LONG_AGO, {"name": "王建国"}, channel=channel, **more)
        return plan([message], now=clock.now, by=SYSTEM).ids[key]

    return make


@pytest.fixture
def desk(client, acting):
    """A browser in which somebody works who may do everything everywhere."""
    acting(Actor("staff", None, "李经理", dict.fromkeys(PERMISSIONS)))
    return client


def row(message_id):
    """Return a message as it stands."""
    return db.session.execute(text("SELECT * FROM messages WHERE id = :id"), {"id": message_id}).mappings().one()


def rows(statement, **values):
    """Return the rows of a statement."""
    return [tuple(one) for one in db.session.execute(text(statement), values)]


def lapse():
    """Let every lease run out, as time would."""
    db.session.execute(
        text("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'sending'")
    )
    db.session.commit()


def make_due():
    """Let whatever waits be due now."""
    db.session.execute(text("UPDATE messages SET next_at = clock_timestamp() WHERE state = 'due'"))
    db.session.commit()


def drain_all(channel):
    """Drain a channel until nothing waits: of two messages to one customer, the second goes a moment later."""
    drain(channel)
    make_due()
    drain(channel)
