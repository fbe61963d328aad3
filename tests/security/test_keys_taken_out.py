"""What a browser had kept under a key that was taken out since: it is signed out and told so, and nothing breaks."""

import base64

import pytest
from sqlalchemy import func, select, text

from loyalty import keyed
from loyalty.kernel.crypto import BrokenSeal, KeyRing
from loyalty.kernel.db import db
from loyalty.kernel.rotation import rotate
from loyalty.kernel.sessions import WebSession, forget
from loyalty.web import sessions
from tests.owners.conftest import make_owner, phone
from tests.staff.conftest import administrator, make_account, store, visitor

__all__ = ["administrator", "make_account", "make_owner", "phone", "store", "visitor"]

OLD, NEW = 1, 2
TOLD = "请重新登录"
NEW_STORE = {"code": "CX01", "name": "城西店"}


@pytest.fixture
def ring(app, monkeypatch):
    """Return a function that puts a ring of keys into the application, the first of which seals."""

    def put(*numbers):
        keys = (f"{number}:{base64.b64encode(bytes([number]) * 32).decode()}" for number in numbers)
        monkeypatch.setitem(app.extensions, "loyalty.keys", KeyRing.parse(",".join(keys), "index"))

    put(OLD)
    return put


@pytest.fixture
def take_out(ring):
    """Return a function that takes the old key out: all that is stored was sealed anew, but for the sessions."""

    def take():
        ring(NEW, OLD)
        rotate([column for column in keyed.SEALED if column.table != "web_sessions"], now=moment())
        ring(NEW)

    return take


def moment():
    """The database's clock."""
    return db.session.scalar(text("SELECT now()"))


@pytest.fixture
def with_notice(ring, administrator):
    """Somebody of staff whom a notice waits for, sealed in the session."""
    administrator.post("/staff/me/sessions/end-others", page="/staff/me/sessions")
    assert sealed_sessions() == 1
    return administrator


def sealed_sessions():
    """How many sessions hold something sealed."""
    return db.session.scalar(select(func.count()).where(WebSession.sealed.is_not(None)))


def test_staff_are_signed_out_and_told_so(with_notice, take_out):
    take_out()

    sent = with_notice.get("/staff/stores")
    shown = with_notice.get(sent.location)

    assert (sent.status_code, sent.location) == (303, "/staff/login?next=/staff/stores")
    assert TOLD in shown.text
    assert db.session.scalar(select(func.count()).where(WebSession.kind == "staff")) == 0
    with_notice.sign_in("admin")
    assert with_notice.get("/staff/stores").status_code == 200


def test_the_form_that_was_sent_comes_back_after_the_sign_in(with_notice, take_out):
    take_out()

    came_from = {"Referer": "http://localhost/staff/stores/new"}
    sent = with_notice.client.post("/staff/stores/new", data=NEW_STORE | {"csrf_token": "old"}, headers=came_from)
    with_notice.sign_in("admin")

    assert sent.status_code == 303
    assert 'value="城西店"' in with_notice.get("/staff/stores/new").text


def test_without_the_safeguard_a_page_breaks(with_notice, take_out, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(sessions, "BrokenSeal", KeyError)
    take_out()

    with pytest.raises(BrokenSeal):
        with_notice.get("/staff/stores")


def test_whoever_nothing_waits_for_stays_signed_in(take_out, administrator):
    administrator.get("/staff/stores")
    assert sealed_sessions() == 0
    take_out()

    assert administrator.get("/staff/me/sessions").status_code == 200


def test_an_owner_is_signed_out_and_told_so(take_out, client, make_owner, phone):
    make_owner()
    client.post("/my/login", data={"phone": "13812345678", "privacy": "1"})
    client.post("/my/code", data={"code": phone.code})
    client.post("/my/sessions/end-others")
    assert sealed_sessions() == 1
    take_out()

    sent = client.get("/my/sessions")

    assert (sent.status_code, sent.location) == (303, "/my/login?next=/my/sessions")
    assert TOLD in client.get(sent.location).text


@pytest.mark.parametrize(("method", "path"), [("GET", "/my/code"), ("POST", "/my/code"), ("POST", "/my/code/again")])
def test_an_owner_who_waits_for_a_code_types_the_phone_again(take_out, client, make_owner, phone, method, path):
    make_owner()
    client.post("/my/login", data={"phone": "13812345678", "privacy": "1"})
    take_out()

    sent = client.open(path, method=method, data={"code": phone.code} if method == "POST" else None)
    shown = client.get(sent.location)

    assert (sent.status_code in (302, 303), sent.location) == (True, "/my/login")
    assert "请重新输入手机号" in shown.text
    assert len(phone.texts) == 1


def test_a_second_factor_that_is_being_set_up_begins_anew(take_out, administrator):
    before = administrator.get("/staff/me/factor")
    take_out()

    after = administrator.get("/staff/me/factor")

    assert (before.status_code, after.status_code) == (200, 200)
    assert "<svg" in after.text
    assert after.text != before.text


def test_an_erasure_takes_out_what_nobody_can_open_any_more(with_notice, take_out):
    take_out()

    assert forget(["13812345678"]) == 1
    assert sealed_sessions() == 0
