"""The second factor on pages: who needs one, the way in, the fresh proof, and who sets it up when."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.staff import queries, service
from loyalty.staff.queries import AuditFilter
from loyalty.staff.rules import ROLES, code_of, in_groups, step_at
from loyalty.staff.sign_in import CODE_PAGE
from tests.fixtures.second_factor import code_at, fresh_code, give_factor
from tests.staff.conftest import PASSWORD

KEY = re.compile(r'<code class="fs-6 text-break" translate="no">([A-Z2-7 ]+)</code>')
PAPER = re.compile(r"<li>(\d{4}-\d{4}-\d{4})</li>")


def bare_account(clock, role, username="lin.yue", store=None):
    """An account with a role and no second factor."""
    account_id = service.create_account(username=username, name="林悦", password=PASSWORD, now=clock.now, by=SYSTEM)
    service.assign(account_id, role, store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    return account_id


@pytest.mark.parametrize("role", ROLES)
def test_finance_manager_and_administrator_need_a_second_factor(visitor, store, clock, role):
    bare_account(clock, role)
    visitor.sign_in("lin.yue")

    asked = visitor.get("/staff/help")

    if role in {"finance", "manager", "administrator"}:
        assert (asked.status_code, asked.location) == (303, "/staff/me/factor?next=/staff/help")
    else:
        assert asked.status_code == 200


def enrol(browser, clock, page="/staff/me/factor"):
    """Set the factor up as a person does; give the secret and the last answer."""
    secret = KEY.search(browser.get(page).text).group(1).replace(" ", "")
    code = code_of(secret, step_at(clock.now))
    return secret, browser.post(page, {"code": code}, page=page)


def test_it_is_set_up_by_the_first_code_and_recovery_codes_are_shown_once(visitor, store, clock):
    bare_account(clock, "manager")
    visitor.sign_in("lin.yue")

    _, shown = enrol(visitor, clock)

    assert shown.status_code == 200
    assert len(PAPER.findall(shown.text)) == 10
    assert "no-store" in shown.headers["Cache-Control"]
    assert visitor.get("/staff/help").status_code == 200
    assert not PAPER.findall(visitor.get("/staff/me").text)


def test_the_picture_is_drawn_without_style_or_script(visitor, store, clock):
    bare_account(clock, "manager")
    visitor.sign_in("lin.yue")

    page = visitor.get("/staff/me/factor").text

    assert "<svg" in page
    assert "style=" not in page


def test_the_key_stays_until_its_code_comes(visitor, store, clock):
    bare_account(clock, "manager")
    visitor.sign_in("lin.yue")

    first = KEY.search(visitor.get("/staff/me/factor").text).group(1)
    wrong = visitor.post("/staff/me/factor", {"code": "000000"})

    assert wrong.status_code == 409
    assert KEY.search(wrong.text).group(1) == first
    assert queries.factor(queries.account_id("lin.yue")) is None


def test_a_role_that_is_given_meanwhile_asks_at_the_next_request(visitor, make_account, store, clock):
    account_id = make_account("lin.yue", "care_agent", store=store)
    visitor.sign_in("lin.yue")
    assert visitor.get("/staff/help").status_code == 200

    service.assign(account_id, "manager", store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)

    assert visitor.get("/staff/help").location == "/staff/me/factor?next=/staff/help"


def test_an_old_sign_in_sets_nothing_up_without_the_password(visitor, make_account, store, clock):
    account_id = make_account("lin.yue", "care_agent", store=store)
    visitor.sign_in("lin.yue")
    clock.advance(minutes=11)
    service.assign(account_id, "manager", store_id=store, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)

    asked = visitor.get("/staff/me/factor")
    assert asked.location == "/staff/confirm?next=/staff/me/factor"
    visitor.post("/staff/confirm", {"password": PASSWORD, "next": "/staff/me/factor"})

    assert visitor.get("/staff/me/factor").status_code == 200


def test_the_password_alone_opens_nothing(visitor, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)

    answer = visitor.give_password("lin.yue")

    assert (answer.status_code, answer.location) == (303, CODE_PAGE)
    assert visitor.get("/staff/me").status_code == 303
    assert visitor.get("/staff/me/factor").status_code == 303
    assert queries.audit_rows(AuditFilter(action="account.signed_in"), EVERYTHING) == []


def test_password_and_code_lead_to_the_page_that_was_asked_for(visitor, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)
    asked = visitor.get("/staff/help")

    visitor.post(
        "/staff/login", {"username": "lin.yue", "password": PASSWORD, "next": "/staff/help"}, page=asked.location
    )
    answer = visitor.give_code()

    assert (answer.status_code, answer.location) == (303, "/staff/help")
    assert visitor.get("/staff/help").status_code == 200


def test_a_wrong_code_is_told_and_the_fifth_locks(visitor, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)
    visitor.give_password("lin.yue")

    answers = [visitor.give_code("000000") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [409] * 4 + [429] * 2
    assert answers[4].headers["Retry-After"] == "300"
    assert "5 分钟" in answers[4].text
    assert visitor.give_code().status_code == 429
    assert visitor.get("/staff/me").status_code == 303


def test_the_right_password_gives_no_more_tries_at_the_code(visitor, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)
    for _ in range(5):
        visitor.give_password("lin.yue")
        last = visitor.give_code("000000")

    assert last.status_code == 429


@pytest.mark.parametrize(("minutes", "open_still"), [(10, True), (10.1, False)])
def test_between_password_and_code_are_ten_minutes(visitor, make_account, store, clock, minutes, open_still):
    make_account("lin.yue", "manager", store=store)
    visitor.give_password("lin.yue")
    clock.advance(minutes=minutes)

    if open_still:
        assert visitor.give_code().location == "/staff/"
    else:
        assert visitor.get(CODE_PAGE).location == "/staff/login"
        assert visitor.get("/staff/me").status_code == 303


def test_each_step_gives_the_session_a_new_id(visitor, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)
    visitor.get("/staff/login")
    ids = [visitor.client.get_cookie("loyalty-staff").value]

    visitor.give_password("lin.yue")
    ids.append(visitor.client.get_cookie("loyalty-staff").value)
    visitor.give_code()
    ids.append(visitor.client.get_cookie("loyalty-staff").value)

    assert len(set(ids)) == 3


def test_a_code_that_signed_in_does_not_sign_in_again(visitor, browser_of, make_account, store, clock):
    make_account("lin.yue", "manager", store=store)
    clock.advance(minutes=5)
    visitor.give_password("lin.yue")
    visitor.give_code(code_at(clock.now))
    other = browser_of()
    other.give_password("lin.yue")

    assert other.give_code(code_at(clock.now)).status_code == 409


def test_a_recovery_code_signs_in_and_says_how_many_are_left(visitor, store, clock):
    account_id = bare_account(clock, "manager")
    paper = give_factor(account_id, clock.now)
    visitor.give_password("lin.yue")

    visitor.give_code(in_groups(paper[0]))

    assert "还有 9 个恢复码" in visitor.get("/staff/me").text


def test_a_session_opened_before_the_factor_was_set_up_elsewhere_ends(visitor, browser_of, make_account, clock):
    make_account("lin.yue")
    other = browser_of()
    for browser in (visitor, other):
        browser.sign_in("lin.yue")

    enrol(visitor, clock)

    assert visitor.get("/staff/me").status_code == 200
    assert other.get("/staff/me").status_code == 303


def test_a_session_that_no_code_opened_does_not_count(visitor, make_account, clock, db_session):
    """Even if its row survived: what was proved by a password is nobody's once there is a second factor."""
    account_id = make_account("lin.yue")
    visitor.sign_in("lin.yue")
    db_session.execute(text("CREATE TEMPORARY TABLE kept AS SELECT * FROM web_sessions"))
    give_factor(account_id, clock.now)
    db_session.execute(text("INSERT INTO web_sessions SELECT * FROM kept"))
    db_session.commit()

    assert visitor.get("/staff/me").status_code == 303


def test_an_administrator_resets_somebody_s_factor(administrator, browser_of, make_account, store):
    account_id = make_account("lin.yue", "manager", store=store)
    other = browser_of()
    other.sign_in("lin.yue")
    page = f"/staff/accounts/{account_id}/factor/reset"

    assert "确实是" in administrator.get(page).text
    done = administrator.post(page)

    assert done.location == f"/staff/accounts/{account_id}"
    assert other.get("/staff/me").status_code == 303
    other.sign_in("lin.yue")
    assert other.get("/staff/help").location == "/staff/me/factor?next=/staff/help"


FRESH = ("/staff/accounts/{id}/factor/reset", "/staff/clients/new")


@pytest.mark.parametrize("page", FRESH)
@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=10), 200), (timedelta(minutes=10, seconds=1), 303)])
def test_what_may_do_harm_asks_for_a_proof_of_the_last_ten_minutes(
    administrator, make_account, clock, page, age, status
):
    page = page.format(id=make_account("lin.yue"))
    clock.set(clock.now + age)

    answer = administrator.get(page)

    assert answer.status_code == status
    if status == 303:
        assert answer.location == f"/staff/confirm?next={page}"


def test_the_form_comes_back_filled_after_the_proof(administrator, make_account, clock):
    page = f"/staff/accounts/{make_account('lin.yue')}"
    clock.advance(minutes=11)
    typed = {"role": "auditor", "from_day": "2026-05-04"}

    asked = administrator.post(f"{page}/roles", typed, page=page, headers={"Referer": f"http://localhost{page}"})
    assert asked.location == f"/staff/confirm?next={page}"
    confirmed = administrator.post("/staff/confirm", {"code": fresh_code(clock.now), "next": page}, page=asked.location)
    back = administrator.get(confirmed.location).text

    assert confirmed.location == page
    assert 'value="2026-05-04"' in back
    assert '<option value="auditor" selected>' in back
    assert administrator.post(f"{page}/roles", typed, page=page).location == page
    assert [held.role for held in queries.account(queries.account_id("lin.yue")).assignments] == ["auditor"]


def test_a_wrong_code_proves_nothing(administrator, make_account, clock):
    page = f"/staff/accounts/{make_account('lin.yue')}/factor/reset"
    clock.advance(minutes=11)

    assert administrator.post("/staff/confirm", {"code": "000000", "next": page}).status_code == 409
    assert administrator.get(page).status_code == 303


def test_without_the_check_of_age_an_old_proof_would_do(administrator, make_account, clock, monkeypatch):
    """The negative control."""
    page = f"/staff/accounts/{make_account('lin.yue')}/factor/reset"
    clock.advance(minutes=11)
    monkeypatch.setattr("loyalty.web.guards.FRESH_FOR", timedelta(hours=1))

    assert administrator.get(page).status_code == 200


def test_whoever_has_no_second_factor_proves_by_the_password(visitor, make_account, clock):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")
    clock.advance(minutes=11)

    asked = visitor.get("/staff/me/factor")
    wrong = visitor.post("/staff/confirm", {"password": "not this one", "next": "/staff/me"}, page=asked.location)
    right = visitor.post("/staff/confirm", {"password": PASSWORD, "next": "/staff/me/factor"}, page=asked.location)

    assert wrong.status_code == 409
    assert right.location == "/staff/me/factor"


def test_a_proof_never_leads_to_another_site(visitor, make_account):
    make_account("lin.yue")
    visitor.sign_in("lin.yue")

    answer = visitor.post("/staff/confirm", {"password": PASSWORD, "next": "https://evil.example/"})

    assert answer.location == "/staff/"
