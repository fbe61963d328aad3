"""A phone to receive codes, and the customers who have one."""

import re
from concurrent.futures import Future

import pytest

from loyalty.customers.rules import Buyer
from loyalty.customers.service import ensure_customers
from loyalty.kernel.actor import SYSTEM
from loyalty.messaging import outlets
from loyalty.messaging.ports import Receipt
from loyalty.staff.service import create_store

PHONE = "13812345678"


class Phone:
    """Keeps what was sent, in place of a carrier."""

    def __init__(self):
        self.texts = []

    def send_text(self, phone, said):
        self.texts.append((phone, said.text))
        return Receipt()

    @property
    def code(self):
        """The code in the last message."""
        return re.search(r"\d{6}", self.texts[-1][1])[0]


class AtOnce:
    """Hands messages over while one waits, in place of threads."""

    def submit(self, send, *words):
        done = Future()
        done.set_result(send(*words))
        return done


@pytest.fixture
def phone(app, monkeypatch):
    """The phone at the end of every message."""
    phone = Phone()
    monkeypatch.setattr(outlets, "_courier", AtOnce())
    monkeypatch.setitem(app.extensions, "loyalty.texts", phone)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    assert outlets._PLACE == "loyalty.texts"
    return phone


@pytest.fixture
def make_owner(db_session, clock):
    """Create a customer with a phone; give its id."""
    store = create_store(code="CD01", name="城东店", now=clock.now, by=SYSTEM)
    made = iter(range(1, 10_000))

    def make(name="王建国", phone=PHONE):
        number = f"K{next(made)}"
        return ensure_customers([Buyer("core", number, name, phone, "person", store)], now=clock.now, by=SYSTEM)[number]

    return make
