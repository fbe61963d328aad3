"""The staff pages of stores, accounts, tokens and the audit trail."""

import re
from pathlib import Path

import pytest

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.staff import queries, service, words
from loyalty.staff.queries import AuditFilter
from tests.staff.conftest import PASSWORD

PAGES = [
    "/staff/me",
    "/staff/me/password",
    "/staff/me/factor",
    "/staff/me/sessions",
    "/staff/confirm",
    "/staff/settings",
    "/staff/logout",
    "/staff/roles",
    "/staff/stores",
    "/staff/stores/new",
    "/staff/accounts",
    "/staff/accounts/new",
    "/staff/clients",
    "/staff/clients/new",
    "/staff/audit",
]
OWN = ("/staff/me", "/staff/logout", "/staff/confirm", "/staff/settings")
GUARDED = [page for page in PAGES if not page.startswith(OWN)]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_open_in_both_languages(administrator, page, language):
    answer = administrator.get(f"{page}?lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_nobody_unknown_gets_in(client, db_session, page):
    answer = client.get(page)

    assert answer.status_code in {302, 303}
    assert answer.location.startswith("/staff/login")


@pytest.mark.parametrize("page", GUARDED)
def test_pages_ask_for_their_permission(visitor, make_account, store, page):
    make_account("lin.yue", "care_agent", store=store)
    visitor.sign_in("lin.yue")

    assert visitor.get(page).status_code == 403


def test_a_manager_of_one_store_manages_no_stores(visitor, make_account, store):
    make_account("lin.yue", "administrator", store=store)
    visitor.sign_in("lin.yue")

    assert visitor.get("/staff/stores").status_code == 403


def test_home_leads_to_a_page_that_is_open_to_the_person(administrator, visitor):
    answer = administrator.get("/staff/")

    assert answer.status_code == 302
    assert administrator.get(answer.location).status_code == 200


def test_a_store_is_opened_and_changed(administrator):
    opened = administrator.post(
        "/staff/stores/new", {"code": "CX01", "name": "城西店", "mon": "08:30-18:00", "phone": "020-8000 0000"}
    )
    assert (opened.status_code, opened.location) == (303, "/staff/stores")
    assert "城西店" in administrator.get("/staff/stores").text

    store_id = queries.store_by_code("CX01").id
    page = f"/staff/stores/{store_id}/edit"
    assert 'value="08:30-18:00"' in administrator.get(page).text
    administrator.post(page, {"name": "城西旗舰店", "tue": "09:00-17:00"})
    (card,) = [card for card in queries.store_cards(EVERYTHING) if card.id == store_id]
    assert (card.name, card.code, card.opening_hours) == ("城西旗舰店", "CX01", {"tue": [["09:00", "17:00"]]})


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"name": "城西店"}, 422, "请填写编码"),
        ({"code": "CX01"}, 422, "请填写名称"),
        ({"code": "CX01", "name": "城西店", "currency": "XXX"}, 422, "没有这个币种"),
        ({"code": "CX01", "name": "城西店", "zone": "Mars"}, 422, "没有这个时区"),
        ({"code": "CX01", "name": "城西店", "mon": "late"}, 422, "请把时间写成"),
        ({"code": "CD01", "name": "城西店"}, 409, "已有门店 CD01"),
    ],
)
def test_a_store_form_keeps_what_was_typed_and_says_what_is_wrong(administrator, typed, status, sentence):
    answer = administrator.post("/staff/stores/new", typed)

    assert answer.status_code == status
    assert sentence in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert len(queries.stores(EVERYTHING)) == 1


def test_a_store_that_is_not_there_is_not_found(administrator):
    assert administrator.get("/staff/stores/999999/edit").status_code == 404


def test_an_account_is_opened_and_given_a_role(administrator, browser_of, store):
    opened = administrator.post(
        "/staff/accounts/new", {"username": "Chen.Ke", "name": "陈可", "password": "kettle orbit tram"}
    )
    account_id = queries.account_id("chen.ke")
    page = f"/staff/accounts/{account_id}"
    assert opened.location == page

    given = administrator.post(
        f"{page}/roles", {"role": "service_advisor", "store_id": store, "from_day": "2026-03-01"}, page=page
    )
    assert given.status_code == 303
    assert "服务顾问" in administrator.get("/staff/accounts").text

    other = browser_of()
    other.sign_in("chen.ke", "kettle orbit tram")
    assert other.get("/staff/me").location == "/staff/me/password?next=/staff/me"
    other.post("/staff/me/password", {"present": "kettle orbit tram", "password": "lantern quay 七月"})
    other.sign_in("chen.ke", "lantern quay 七月")
    assert "服务顾问" in other.get("/staff/me").text


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"username": "x", "name": "陈可", "password": PASSWORD}, 422, "以字母或数字开头"),
        ({"username": "chen.ke", "name": "陈可", "password": "short"}, 422, "密码至少 12 个字符"),
        ({"username": "chen.ke", "name": "陈可", "password": PASSWORD, "email": "at"}, 422, "name@example.com"),
        ({"username": "ADMIN", "name": "陈可", "password": PASSWORD}, 409, "已有账号 admin"),
    ],
)
def test_an_account_form_says_what_is_wrong(administrator, typed, status, sentence):
    answer = administrator.post("/staff/accounts/new", typed)

    assert answer.status_code == status
    assert sentence in answer.text
    assert "PASSWORD" not in answer.text
    assert typed["password"] not in answer.text
    assert len(queries.accounts()) == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"role": "king", "from_day": "2026-03-01"}, 422),
        ({"role": "manager", "from_day": "2026-02-29"}, 422),
        ({"role": "manager", "from_day": "2026-03-02", "to_day": "2026-03-01"}, 422),
        ({"role": "manager", "from_day": "2026-03-02", "store_id": "999999"}, 404),
    ],
)
def test_a_role_that_cannot_be_is_not_given(administrator, make_account, typed, status):
    page = f"/staff/accounts/{make_account('chen.ke')}"

    answer = administrator.post(f"{page}/roles", typed, page=page)

    assert answer.status_code == status
    assert queries.account(queries.account_id("chen.ke")).assignments == ()


def test_the_last_administrator_is_told_why_not(administrator):
    account_id = queries.account_id("admin")
    page = f"/staff/accounts/{account_id}"

    answer = administrator.post(f"{page}/disable", page=page)

    assert answer.status_code == 409
    assert "管理员 是最后一位管理员" in answer.text
    assert administrator.get(page).status_code == 200


def test_disabling_can_be_undone(administrator, make_account):
    account_id = make_account("chen.ke")
    page = f"/staff/accounts/{account_id}"

    administrator.post(f"{page}/disable", page=page)
    assert not queries.account(account_id).active
    assert f"{page}/enable" in administrator.get(page).text

    administrator.post(f"{page}/enable", page=page)
    assert queries.account(account_id).active


def test_a_role_is_ended_on_the_page(administrator, make_account, store):
    account_id = make_account("chen.ke", "manager", store=store)
    (held,) = queries.account(account_id).assignments
    page = f"/staff/accounts/{account_id}"

    assert administrator.post(f"{page}/roles/{held.id}/end", page=page).status_code == 303
    assert queries.account(account_id).assignments == ()


def test_a_token_is_shown_once(administrator, store, clock):
    answer = administrator.post(
        "/staff/clients/new",
        {"name": "核心销售系统", "where": "some", "stores": [store], "permissions": ["sales.write", "sales.read"]},
    )
    token = re.search(r'id="token" value="([^"]+)"', answer.text).group(1)

    assert answer.status_code == 201
    assert queries.client_actor(token, now=clock.now).scope("sales.write").stores == {store}
    assert "no-store" in answer.headers["Cache-Control"]
    listed = administrator.get("/staff/clients").text
    assert token not in listed
    assert token[-4:] in listed


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"where": "all", "permissions": ["sales.read"]}, "请填写名称"),
        ({"name": "x", "where": "all"}, "至少选择一项权限"),
        ({"name": "x", "where": "some", "permissions": ["sales.read"]}, "至少选择一家门店"),
        ({"name": "x", "where": "some", "stores": ["x"], "permissions": ["sales.read"]}, "没有这家门店"),
        ({"name": "x", "where": "all", "permissions": ["sales.delete"]}, "没有这项权限"),
    ],
)
def test_a_token_form_says_what_is_missing(administrator, typed, sentence):
    answer = administrator.post("/staff/clients/new", typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert queries.clients() == []


def test_revoking_asks_first(administrator, clock):
    client_id, token = service.create_api_client(name="core", permissions=["sales.read"], now=clock.now, by=SYSTEM)

    assert "不能恢复" in administrator.get(f"/staff/clients/{client_id}/revoke").text
    assert queries.client_actor(token, now=clock.now) is not None
    administrator.post(f"/staff/clients/{client_id}/revoke")
    assert queries.client_actor(token, now=clock.now) is None


def test_what_is_done_on_pages_is_in_the_trail_with_who_and_from_where(administrator):
    administrator.post("/staff/stores/new", {"code": "CX01", "name": "城西店"})

    row = queries.audit_rows(AuditFilter(action="store.created"), EVERYTHING)[0]
    assert (row.actor_name, row.address) == ("管理员", "127.0.0.1")
    page = administrator.get("/staff/audit?action=store.created&actor=管理员").text
    assert "CX01" in administrator.get(f"/staff/audit/{row.id}").text
    assert ">新建门店<br>" in page
    assert ">新建账号<br>" not in page


def test_every_action_that_the_code_writes_has_a_word():
    files = [path for path in Path("loyalty").rglob("*.py") if "service" in path.as_posix()]
    source = "\n".join(path.read_text() for path in files)
    written = {
        found
        for found in re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", source)
        if found.split(".")[0] in {action.split(".")[0] for action in words.ACTIONS}
    }

    entries = re.findall(r'AuditEntry\(\s*"([a-z_.]+)",\s*"([a-z_]+)"', source)
    written |= {action for action, _ in entries}

    assert {"sale.recorded", "link.created"} <= written
    assert written - words.ACTIONS.keys() == {"customer.number"}  # a field of a form
    assert {subject for _, subject in entries} - words.SUBJECTS.keys() == set()


def test_the_trail_goes_on_by_cursor(administrator, clock):
    for number in range(60):
        service.create_store(code=f"S{number}", name=f"S{number}", now=clock.now, by=SYSTEM)

    first = administrator.get("/staff/audit?action=store.created")
    following = re.search(r'rel="next" href="([^"]+)"', first.text).group(1).replace("&amp;", "&")
    second = administrator.get(following)

    rows = [len(re.findall(">新建门店<br>", page.text)) for page in (first, second)]
    assert rows == [50, 11]


def test_a_forged_cursor_is_refused(administrator):
    assert administrator.get("/staff/audit?cursor=%7Bx").status_code == 422


def test_one_s_own_password_is_changed_on_the_page(administrator):
    wrong = administrator.post("/staff/me/password", {"present": "not this one", "password": "kettle orbit tram"})
    assert wrong.status_code == 409
    assert "当前密码不对" in wrong.text

    done = administrator.post("/staff/me/password", {"present": PASSWORD, "password": "kettle orbit tram"})
    assert (done.status_code, done.location) == (303, "/staff/login")
    assert administrator.get("/staff/me").status_code == 303
    administrator.sign_in("admin", "kettle orbit tram")
    assert administrator.get("/staff/me").status_code == 200


def test_all_devices_are_signed_out(administrator, browser_of):
    other = browser_of()
    other.sign_in("admin")

    administrator.post("/staff/me/sessions/end", page="/staff/me/sessions")

    assert administrator.get("/staff/me").status_code == 303
    assert other.get("/staff/me").status_code == 303


def test_a_form_comes_back_filled_after_a_sign_in_that_had_run_out(administrator, clock):
    form = {"code": "CX01", "name": "城西店", "password": "not kept", "csrf_token": "old"}
    clock.advance(hours=1)

    sent = administrator.client.post(
        "/staff/stores/new", data=form, headers={"Referer": "http://localhost/staff/stores/new"}
    )
    administrator.sign_in("admin")
    back = administrator.get("/staff/stores/new").text
    later = administrator.get("/staff/stores/new").text

    assert sent.status_code == 303
    assert 'value="城西店"' in back
    assert "请核对后保存" in back
    assert "not kept" not in back
    assert 'value="城西店"' not in later


def test_a_kept_form_is_not_shown_to_another_who_signs_in(administrator, make_account, clock):
    make_account("another", "administrator")
    clock.advance(hours=1)
    form = {"code": "CX01", "name": "城西店"}
    administrator.client.post("/staff/stores/new", data=form, headers={"Referer": "http://localhost/staff/stores/new"})

    administrator.sign_in("another")

    assert 'value="城西店"' not in administrator.get("/staff/stores/new").text
