"""Where one is signed in: seen in words, ended one by one, and ended for good by whatever takes rights away."""

import re
from datetime import date

import pytest
from sqlalchemy import text

from loyalty.kernel import sessions
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.sessions import open_sessions
from loyalty.staff import service
from loyalty.staff.rules import SessionNotFound
from loyalty.web.agents import device
from tests.staff.conftest import PASSWORD

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"
LIST = "/staff/me/sessions"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome, Windows"),
        (CHROME + " Edg/140.0", "Edge, Windows"),
        (PHONE, "Safari, iPhone"),
        (PHONE + " MicroMessenger/8.0", "WeChat, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; HUAWEI) Chrome/99 HuaweiBrowser/15 Mobile Safari", "Huawei Browser, Android"),
        ("curl/8.5", "未知设备"),
    ],
)
def test_a_device_is_named_as_its_person_knows_it(app, agent, words):
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert device(agent) == words


@pytest.fixture
def two(visitor, browser_of, make_account, clock):
    """The browsers of one person: a desk, and a phone signed in five minutes later; and the account."""
    account_id = make_account("lin.yue")
    visitor.client.environ_base["HTTP_USER_AGENT"] = CHROME
    visitor.sign_in("lin.yue")
    clock.advance(minutes=5)
    phone = browser_of()
    phone.client.environ_base["HTTP_USER_AGENT"] = PHONE
    phone.sign_in("lin.yue")
    return visitor, phone, account_id


def test_the_list_names_device_address_and_moments_and_this_one(two):
    desk, _phone, _ = two

    page = desk.get(LIST).text

    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    assert "来自 127.0.0.1" in page
    assert "登录于 2026-03-12 14:08" in page
    assert "最近使用 2026-03-12 14:13" in page
    assert page.count("本设备") == 1


def test_one_device_is_signed_out(two):
    desk, phone, _ = two
    end = re.search(rf'action="({LIST}/[0-9a-f]+/end)"', desk.get(LIST).text).group(1)

    assert desk.post(end, page=LIST).location == LIST

    assert phone.get("/staff/me").status_code == 303
    assert desk.get("/staff/me").status_code == 200


def test_all_others_are_signed_out(two):
    desk, phone, _ = two

    desk.post(f"{LIST}/end-others", page=LIST)

    assert phone.get("/staff/me").status_code == 303
    assert desk.get("/staff/me").status_code == 200


def test_the_session_of_somebody_else_is_not_there_to_end(two, browser_of, make_account, clock):
    _, _, account_id = two
    make_account("other")
    other = browser_of()
    other.sign_in("other")
    (theirs, _) = open_sessions("staff", account_id, now=clock.now)

    answer = other.post(f"{LIST}/{theirs.id}/end", page=LIST)

    assert answer.status_code == 404
    assert len(open_sessions("staff", account_id, now=clock.now)) == 2


def test_a_session_that_ran_out_is_not_listed(two, clock):
    _, _, account_id = two
    clock.advance(minutes=26)

    assert [row.agent for row in open_sessions("staff", account_id, now=clock.now)] == [PHONE]


def test_a_session_ends_once(two, clock):
    _, _, account_id = two
    (row, _) = open_sessions("staff", account_id, now=clock.now)
    service.end_session(account_id, row.id, now=clock.now, by=SYSTEM)

    with pytest.raises(SessionNotFound):
        service.end_session(account_id, row.id, now=clock.now, by=SYSTEM)


def end_role(account_id, clock):
    held = service.assign(account_id, "care_agent", from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    service.end_assignment(account_id, held, now=clock.now, by=SYSTEM)


ENDINGS = {
    "another password": lambda account, clock: service.change_password(
        account, "kettle orbit tram", now=clock.now, by=SYSTEM
    ),
    "disabled": lambda account, clock: service.disable(account, now=clock.now, by=SYSTEM),
    "a role less": end_role,
    "signed out by an administrator": lambda account, clock: service.end_sessions(account, now=clock.now, by=SYSTEM),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_takes_rights_away_ends_every_session_at_once(two, clock, ending):
    desk, phone, account_id = two

    ENDINGS[ending](account_id, clock)

    assert open_sessions("staff", account_id, now=clock.now) == []
    assert desk.get("/staff/me").status_code == 303
    assert phone.get("/staff/me").status_code == 303


def test_the_name_in_the_session_alone_would_end_them_too(two, clock, monkeypatch):
    """Two locks: were the rows to stay, the session would still name somebody who is not there any more."""
    desk, _, account_id = two
    monkeypatch.setattr(sessions, "end_all", lambda *_given, **_more: 0)

    ENDINGS["another password"](account_id, clock)

    assert len(open_sessions("staff", account_id, now=clock.now)) == 2
    assert desk.get("/staff/me").status_code == 303


def test_without_either_lock_a_session_would_outlive_its_password(two, clock, monkeypatch, db_session):
    """The negative control."""
    desk, _, account_id = two
    monkeypatch.setattr(sessions, "end_all", lambda *_given, **_more: 0)
    known = db_session.scalar(text("SELECT fs_uniquifier FROM staff_accounts WHERE id = :id"), {"id": account_id})
    monkeypatch.setattr("loyalty.staff.service.accounts._new_uniquifier", lambda: known)

    ENDINGS["another password"](account_id, clock)

    assert desk.get("/staff/me").status_code == 200


def test_an_administrator_signs_somebody_out(two, browser_of, make_account):
    desk, _, account_id = two
    make_account("boss", "administrator")
    boss = browser_of()
    boss.sign_in("boss")
    page = f"/staff/accounts/{account_id}"
    assert "Safari, iPhone" in boss.get(page).text

    boss.post(f"{page}/sessions/end", page=page)

    assert desk.get("/staff/me").status_code == 303


def test_the_password_is_known_to_nobody_but_its_person(administrator, browser_of, make_account):
    """An administrator gives a password; with it nothing opens but the page that asks for another one."""
    account_id = make_account("lin.yue", "care_agent")
    page = f"/staff/accounts/{account_id}"
    administrator.post(f"{page}/password", {"password": "given by the boss 1"}, page=page)
    person = browser_of()
    person.sign_in("lin.yue", "given by the boss 1")

    for asked in ("/staff/help", "/staff/me", "/staff/customers"):
        assert person.get(asked).location == f"/staff/me/password?next={asked}"
    same = {"present": "given by the boss 1", "password": "given by the boss 1"}
    assert person.post("/staff/me/password", same).status_code == 422
    person.post("/staff/me/password", {"present": "given by the boss 1", "password": PASSWORD})
    person.sign_in("lin.yue")

    assert person.get("/staff/help").status_code == 200


def test_tries_with_the_present_password_are_counted(visitor, make_account):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")
    typed = {"present": "not this one", "password": "kettle orbit tram"}

    statuses = [visitor.post("/staff/me/password", typed).status_code for _ in range(6)]

    assert statuses == [409] * 4 + [429] * 2
