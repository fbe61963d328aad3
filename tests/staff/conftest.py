"""A group of two stores, its people, and a browser that fills in forms."""

import re
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import service
from loyalty.staff.rules import FACTOR_ROLES
from loyalty.staff.sign_in import CODE_PAGE
from tests.fixtures.second_factor import fresh_code, give_factor

PASSWORD = "correct horse staple"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def sent_to(session):
    """Give the statements that are sent meanwhile; those of the tests' own savepoints are left out."""
    sent = []

    def note(_connection, _cursor, statement, *_more):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")):
            sent.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


class Browser:
    """A client that takes each form's token from the page the form stands on."""

    def __init__(self, client):
        self.client = client

    def get(self, path, **more):
        return self.client.get(path, **more)

    def post(self, path, data=None, *, page=None, **more):
        shown = self.client.get(page or path)
        token = TOKEN.search(shown.text).group(1)
        return self.client.post(path, data={**(data or {}), "csrf_token": token}, **more)

    def sign_in(self, username, password=PASSWORD):
        """Type name and password, and the code where it is asked for; give the last answer."""
        answer = self.give_password(username, password)
        return self.give_code() if answer.location == CODE_PAGE else answer

    def give_password(self, username, password=PASSWORD):
        return self.post("/staff/login", {"username": username, "password": password})

    def give_code(self, code=None):
        now = self.client.application.extensions["loyalty.clock"]()
        return self.post(CODE_PAGE, {"code": code or fresh_code(now)})


@pytest.fixture
def browser_of(client, app):
    """Return a function that gives another browser."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def visitor(client):
    """Somebody at the sign-in page."""
    return Browser(client)


@pytest.fixture
def store(db_session, clock):
    return service.create_store(code="CD01", name="城东店", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return service.create_store(code="CX01", name="城西店", now=clock.now, by=SYSTEM)


@pytest.fixture
def make_account(db_session, clock):
    """Open an account with a role in a store (None: all), with a second factor where it needs one; give its id."""

    def make(username, role=None, *, store=None, name="林悦"):
        account_id = service.create_account(username=username, name=name, password=PASSWORD, now=clock.now, by=SYSTEM)
        if role:
            service.assign(account_id, role, store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
        if role in FACTOR_ROLES:
            give_factor(account_id, clock.now)
        return account_id

    return make


@pytest.fixture
def administrator(store, make_account, visitor):
    """The administrator's browser, signed in."""
    make_account("admin", "administrator", name="管理员")
    visitor.sign_in("admin")
    return visitor
