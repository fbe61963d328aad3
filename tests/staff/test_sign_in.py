"""Sign-in through the page: sessions, locks, and what is not told."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import service
from loyalty.staff.service.hashing import hash_password
from tests.staff.conftest import PASSWORD, sent_to

ERRORS = re.compile(r'<section class="mistakes".*?</section>', re.DOTALL)


def sessions(db_session):
    return db_session.execute(text("SELECT kind, subject_id FROM web_sessions ORDER BY created_at")).all()


def test_the_right_password_leads_to_the_pages(visitor, make_account, store):
    make_account("lin.yue", "care_agent", store=store)

    answer = visitor.sign_in("Lin.Yue")

    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert visitor.get("/staff/me").status_code == 200


def test_signing_in_gives_a_new_session_and_ends_the_old_one(visitor, make_account, db_session):
    account_id = make_account("lin.yue")
    visitor.get("/staff/login")
    before = visitor.client.get_cookie("loyalty-staff").value

    visitor.sign_in("lin.yue")

    assert visitor.client.get_cookie("loyalty-staff").value != before
    assert sessions(db_session) == [("staff", account_id)]


def test_the_page_asked_for_opens_after_sign_in(visitor, make_account):
    make_account("lin.yue")

    asked = visitor.get("/staff/me")
    assert (asked.status_code, asked.location) == (303, "/staff/login?next=/staff/me")
    answer = visitor.post(
        "/staff/login", {"username": "lin.yue", "password": PASSWORD, "next": "/staff/me"}, page=asked.location
    )

    assert answer.location == "/staff/me"


def test_nobody_is_led_to_another_site(visitor, make_account):
    make_account("lin.yue")

    answer = visitor.post(
        "/staff/login", {"username": "lin.yue", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert "evil.example" not in (answer.location or "")


@pytest.mark.parametrize("username", ["lin.yue", "nobody", "林悦", "a" * 500])
def test_known_and_unknown_names_get_the_same_answer(visitor, make_account, username):
    make_account("lin.yue")

    answer = visitor.sign_in(username, "not this password")

    assert answer.status_code == 422
    assert "用户名和密码不匹配" in ERRORS.search(answer.text).group()


def test_known_and_unknown_names_take_the_same_work(visitor, make_account, monkeypatch):
    make_account("lin.yue")
    hashed = []
    context = visitor.client.application.extensions["security"].pwd_context
    monkeypatch.setattr(context, "hash", lambda *_args, **_more: hashed.append("hash") or hash_password(PASSWORD))
    verify = context.verify
    monkeypatch.setattr(context, "verify", lambda *args: hashed.append("verify") or verify(*args))

    visitor.sign_in("lin.yue", "not this password")
    visitor.sign_in("nobody", "not this password")

    assert hashed == ["verify", "hash"]


@pytest.mark.parametrize("username", ["lin.yue", "nobody"])
def test_the_fifth_failure_locks_and_says_how_long(visitor, make_account, clock, username):
    make_account("lin.yue")
    answers = [visitor.sign_in(username, "not this password") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]
    assert answers[-1].headers["Retry-After"] == "300"
    assert "5 分钟" in answers[-1].text

    locked = visitor.sign_in(username)
    assert locked.status_code == 429
    clock.advance(minutes=5)
    assert visitor.sign_in("lin.yue").status_code == 302


def test_the_lock_of_one_name_leaves_others_alone(visitor, make_account):
    make_account("lin.yue")
    for _ in range(5):
        visitor.sign_in("nobody", "not this password")

    assert visitor.sign_in("lin.yue").status_code == 302


def test_success_forgets_the_failures(visitor, make_account, db_session):
    make_account("lin.yue")
    for _ in range(4):
        visitor.sign_in("lin.yue", "not this password")

    visitor.sign_in("lin.yue")

    assert db_session.scalar(text("SELECT count(*) FROM staff_sign_in_failures")) == 0


def test_an_empty_form_asks_for_both_fields_and_is_no_try(visitor, db_session):
    answer = visitor.sign_in("", "")

    assert answer.status_code == 422
    assert "请填写用户名" in answer.text
    assert "请填写密码" in answer.text
    assert db_session.scalar(text("SELECT count(*) FROM staff_sign_in_failures")) == 0


def test_a_form_from_elsewhere_is_not_taken(visitor, make_account):
    make_account("lin.yue")

    answer = visitor.client.post("/staff/login", data={"username": "lin.yue", "password": PASSWORD})

    assert (answer.status_code, answer.location) == (303, "/staff/login?next=/")
    assert visitor.get("/staff/me").status_code == 303


def test_a_disabled_account_is_out_at_once_and_stays_out(administrator, make_account, browser_of, clock):
    account_id = make_account("lin.yue")
    other = browser_of()
    other.sign_in("lin.yue")

    service.disable(account_id, now=clock.now, by=SYSTEM)

    assert other.get("/staff/me").status_code == 303
    assert "此账号已停用" in other.sign_in("lin.yue").text
    assert "此账号已停用" not in other.sign_in("lin.yue", "not this password").text


def test_another_password_ends_all_sessions(visitor, browser_of, make_account, clock):
    account_id = make_account("lin.yue")
    other = browser_of()
    for browser in (visitor, other):
        browser.sign_in("lin.yue")

    service.change_password(account_id, "kettle orbit tram", now=clock.now, by=SYSTEM)

    assert visitor.get("/staff/me").status_code == 303
    assert other.get("/staff/me").status_code == 303
    assert visitor.sign_in("lin.yue", "kettle orbit tram").status_code == 302


@pytest.mark.parametrize(
    ("idle", "status"), [(timedelta(minutes=29, seconds=59), 200), (timedelta(minutes=30, seconds=1), 303)]
)
def test_a_session_ends_after_half_an_hour_without_use(visitor, make_account, clock, idle, status):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")

    clock.set(clock.now + idle)

    assert visitor.get("/staff/me").status_code == status


def test_a_session_ends_after_twelve_hours_in_any_case(visitor, make_account, clock):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")
    for _ in range(36):
        clock.advance(minutes=20)
        assert visitor.get("/staff/me").status_code == 200

    clock.advance(seconds=1)

    assert visitor.get("/staff/me").status_code == 303


def test_signing_out_ends_the_session(visitor, make_account, db_session):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")

    answer = visitor.post("/staff/logout")

    assert (answer.status_code, answer.location) == (302, "/staff/login")
    assert visitor.get("/staff/me").status_code == 303
    assert ("staff",) not in [row[:1] for row in sessions(db_session)]


def test_a_signed_in_page_costs_the_session_who_it_is_and_the_count_of_tasks(visitor, make_account, store, db_session):
    make_account("lin.yue", "care_agent", store=store)
    visitor.sign_in("lin.yue")

    with sent_to(db_session) as sent:
        assert visitor.get("/staff/help").status_code == 200

    assert len(sent) == 3


def test_many_tries_from_one_address_are_too_many(visitor, db_session):
    statuses = [visitor.sign_in(f"name{number}", "not this password").status_code for number in range(61)]

    assert statuses[:60] == [422] * 60
    assert statuses[60] == 429


def test_signing_in_writes_who_and_from_where(visitor, make_account, db_session):
    account_id = make_account("lin.yue")

    visitor.sign_in("lin.yue")

    row = db_session.execute(
        text("SELECT subject_id, actor_name, address FROM audit_rows WHERE action = 'account.signed_in'")
    ).one()
    assert row == (account_id, "林悦", "127.0.0.1")


def trail(db_session, *actions):
    """What the audit trail has of some actions: action, account, who and from where."""
    rows = text(
        "SELECT action, subject_id, actor_name, address FROM audit_rows WHERE action = ANY(:actions) ORDER BY id"
    )
    return [tuple(row) for row in db_session.execute(rows, {"actions": list(actions)})]


@pytest.mark.parametrize("known", [True, False])
def test_a_lock_is_in_the_audit_trail_once_and_names_nobody_who_may_not_be(visitor, make_account, db_session, known):
    account_id = make_account("lin.yue")
    for _ in range(4):
        visitor.sign_in("lin.yue" if known else "nobody", "not this password")
    before = trail(db_session, "account.locked")

    for _ in range(3):
        visitor.sign_in("lin.yue" if known else "nobody", "not this password")

    assert before == []
    locked = ("account.locked", account_id if known else None, "sign-in", "127.0.0.1")
    assert trail(db_session, "account.locked") == [locked]


def test_a_sign_in_that_succeeds_at_the_last_try_is_no_lock(visitor, make_account, db_session):
    make_account("lin.yue")
    for _ in range(4):
        visitor.sign_in("lin.yue", "not this password")

    visitor.sign_in("lin.yue")

    assert trail(db_session, "account.locked") == []


def test_signing_out_is_in_the_audit_trail(visitor, make_account, db_session):
    account_id = make_account("lin.yue")
    visitor.sign_in("lin.yue")

    visitor.post("/staff/logout")

    assert trail(db_session, "account.signed_out") == [("account.signed_out", account_id, "林悦", "127.0.0.1")]
