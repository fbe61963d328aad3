"""Two people who write and approve rules, and a kind of rules to try them on."""

from datetime import date

import pytest

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.errors import Malformed
from loyalty.programme.rules import bodies, register_kind
from loyalty.staff import service
from loyalty.staff.rules import FACTOR_ROLES
from tests.fixtures.second_factor import give_factor

EVERYWHERE = {"programme.read": None, "programme.edit": None, "programme.approve": None}


def parse_rate(body):
    """Read the rules of the kind "trial": one rate, a whole number above 0."""
    if set(body) != {"rate"}:
        raise Malformed({f"{name}": ["Unknown field."] for name in body if name != "rate"} or {"rate": ["Enter it."]})
    if not isinstance(body["rate"], int) or body["rate"] < 1:
        raise Malformed({"rate": ["Write a whole number above 0."]})
    return body["rate"]


@pytest.fixture
def trial(app, monkeypatch):
    """The kind "trial", beside those of the features."""
    monkeypatch.setattr(bodies, "_parsers", dict(bodies._parsers))
    register_kind("trial", parse_rate)
    return "trial"


@pytest.fixture
def person(db_session, clock):
    """Return a function that opens an account and gives its actor."""

    def make(username, role=None):
        account_id = service.create_account(
            username=username, name=username.title(), password="correct horse staple", now=clock.now, by=SYSTEM
        )
        if role:
            service.assign(account_id, role, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
        if role in FACTOR_ROLES:
            give_factor(account_id, clock.now)
        return Actor(kind="staff", id=account_id, name=username.title(), grants=EVERYWHERE)

    return make


@pytest.fixture
def author(person):
    return person("author")


@pytest.fixture
def approver(person):
    return person("approver")
