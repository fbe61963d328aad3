"""A store with a care agent and an advisor, a far one, customers, and tasks on them."""

from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import Engine, event

from loyalty.customers.rules import CustomerDraft
from loyalty.customers.service import create_customer
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.staff.service import assign, create_account, create_store
from loyalty.tasks import queries
from loyalty.tasks.rules import NewTask, Sentenced, TaskKind, kinds, register
from loyalty.tasks.rules.outcomes import SATISFACTION
from loyalty.tasks.service import open_tasks

TODAY = date(2026, 3, 12)  # a Thursday
TRIAL = TaskKind(
    "Follow-up by hand", "trial", "follow-up", script="Hello {customer}, {agent} here.", outcomes=SATISFACTION
)


@pytest.fixture
def trial(app):
    """The kind "trial", beside those of the features."""
    known = dict(kinds())
    register(TRIAL)
    yield TRIAL
    kinds().clear()
    kinds().update(known)


class Counted:
    count = 0


@pytest.fixture
def count_statements(db_session):
    """Return a context in which statements are counted."""

    @contextmanager
    def counting():
        counted = Counted()

        def note(*_about):
            counted.count += 1

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield counted
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def store(db_session, clock):
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def hire(db_session, clock, store):
    """Return a function that opens an account with a role and gives its actor."""

    def make(username, role="care_agent", *, at=store):
        made = create_account(
            username=username, name=username.title(), password="correct horse staple", now=clock.now, by=SYSTEM
        )
        assign(made, role, store_id=at, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
        names = (
            "tasks.read",
            "tasks.work",
            "appointments.read",
            "customers.read",
            "customers.reveal",
            "customers.edit",
            "exports.run",
        )
        return Actor("staff", made, username.title(), dict.fromkeys(names, frozenset({at})))

    return make


@pytest.fixture
def agent(hire):
    return hire("agent")


@pytest.fixture
def customer(db_session, clock, store):
    """Return a function that creates a customer of the store."""

    def make(name="王建国", *, at=store, phone="13812345678", advisor_id=None):
        draft = CustomerDraft(name, home_store_id=at, identifiers=(("phone", phone),), advisor_id=advisor_id)
        return create_customer(draft, scope=EVERYTHING, now=clock.now, by=SYSTEM).customer_id

    return make


@pytest.fixture
def make_task(trial, store, customer, clock):
    """Return a function that opens a task and gives its number."""

    def make(key="k1", *, of=None, at=store, day=TODAY, to=None, **more):
        asked = NewTask(
            dedupe_key=key,
            kind=more.pop("kind", "trial"),
            customer_id=of if of is not None else customer(phone=f"139{len(key):04}{abs(hash(key)) % 10000:04}"),
            store_id=at,
            due_from=day,
            due_to=to or day,
            what=Sentenced("{note}", {"note": "维修后 3 天回访"}),
            **more,
        )
        (number,) = open_tasks([asked], now=clock.now, by=SYSTEM)
        return number

    return make


def one(number):
    return queries.brief(number, EVERYTHING)


def acts(number):
    return [change.act for change in queries.changes(one(number).customer_id, number)][::-1]
