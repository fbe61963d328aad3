"""The pages of sign-in and administration in real Chromium: in order for everybody, and working without script."""

import os
import re
from datetime import date, timedelta

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.staff import queries, service
from loyalty.staff.rules import StoreDetails, code_of, step_at
from tests.fixtures.browsers import DESK, PHONE, faults, follow
from tests.fixtures.second_factor import fresh_code, give_factor
from tests.staff.conftest import PASSWORD

pytestmark = pytest.mark.browser

LOOKS = [("zh-CN", DESK, False), ("en-GB", PHONE, True)]
if os.environ.get("LOYALTY_SHOTS"):
    LOOKS += [("zh-CN", PHONE, False), ("en-GB", DESK, True)]
PAGES = {
    "settings": "/staff/settings",
    "stores": "/staff/stores",
    "store": "/staff/stores/{store}/edit",
    "accounts": "/staff/accounts",
    "account": "/staff/accounts/{account}",
    "account-edit": "/staff/accounts/{account}/edit",
    "account-new": "/staff/accounts/new",
    "factor-reset": "/staff/accounts/{account}/factor/reset",
    "roles": "/staff/roles",
    "clients": "/staff/clients",
    "client-new": "/staff/clients/new",
    "client-rotate": "/staff/clients/{client}/rotate",
    "client-revoke": "/staff/clients/{client}/revoke",
    "me": "/staff/me",
    "devices": "/staff/me/sessions",
    "factor-again": "/staff/me/factor",
    "password": "/staff/me/password",
    "confirm": "/staff/confirm",
    "audit": "/staff/audit",
    "audit-filtered": "/staff/audit?subject=store",
    "audit-row": "/staff/audit/1",
}


def named(look, what):
    lang, size, dark = look
    return f"{what}-{lang[:2]}-{size['width']}-{'dark' if dark else 'light'}"


def hire(username, name, role, now, store=None):
    account = service.create_account(username=username, name=name, password=PASSWORD, now=now, by=SYSTEM)
    service.assign(account, role, store_id=store, from_day=date(2026, 1, 1), now=now, by=SYSTEM)
    return account


@pytest.fixture
def group(live_server, committed, clock):
    """A group with two stores, its people and programs."""
    now = clock.now
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-12:00 13:00-18:00")
    details = StoreDetails(
        phone="020-8000 0000",
        contact="何店长",
        email="east@example.com",
        opening_hours=hours,
        holidays="2026-05-01 2026-05-05 劳动节",
    )
    store = service.create_store(code="CD01", name="城东店", details=details, now=now, by=SYSTEM)
    service.create_store(code="CX01", name="城西店", now=now, by=SYSTEM)
    admin = hire("sun.hao", "孙浩", "administrator", now)
    give_factor(admin, now)
    account = hire("zhao.gang", "赵刚", "manager", now, store)
    give_factor(account, now)
    hire("lin.yue", "林悦", "care_agent", now, store)
    client, _ = service.create_api_client(
        name="核心销售系统", permissions=["sales.write", "sales.read"], store_ids=[store], now=now, by=SYSTEM
    )
    service.rotate_client(client, grace=timedelta(days=1), now=now, by=SYSTEM)
    service.note_use(client, now=now)
    return {"store": store, "account": account, "client": client}


def give_password(open_page, username, look=("zh-CN", DESK, False), *, script=True):
    lang, size, dark = look
    page = open_page("/staff/login", lang=lang, size=size, dark=dark, script=script)
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    follow(page, page.locator("form:has([name=password]) button"))
    return page


def give_code(page, code):
    page.locator("[name=code]").fill(code)
    follow(page, page.locator("form:has([name=code]) button"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: named(look, "look"))
def test_pages_of_administration_are_in_order(open_page, group, clock, look):
    page = give_password(open_page, "sun.hao", look)
    wrong = {"code": faults(page, named(look, "code"))}
    give_code(page, fresh_code(clock.now))
    page.wait_for_url(lambda url: "/login" not in url)
    for what, path in PAGES.items():
        answer = page.goto(path.format(**group))
        wrong[what] = faults(page, named(look, what)) + ([] if answer.ok else [f"status {answer.status}"])

    assert {what: found for what, found in wrong.items() if found} == {}


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: named(look, "look"))
def test_setting_up_the_second_factor_is_in_order_and_needs_no_script(open_page, group, clock, look):
    service.reset_factor(group["account"], now=clock.now, by=SYSTEM)
    page = give_password(open_page, "zhao.gang", look, script=False)
    page.wait_for_url(re.compile("/staff/me/factor"))
    key = page.locator("code").inner_text().replace(" ", "")

    give_code(page, code_of(key, step_at(clock.now)))

    assert page.locator("ol li").count() == 10
    page.locator("main a.btn-primary").click()
    page.wait_for_url(lambda url: "/factor" not in url)
    assert queries.factor(group["account"]).codes_left == 10


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: named(look, "look"))
def test_the_picture_and_the_recovery_codes_are_in_order(open_page, group, clock, look):
    service.reset_factor(group["account"], now=clock.now, by=SYSTEM)
    page = give_password(open_page, "zhao.gang", look)
    page.wait_for_url(re.compile("/staff/me/factor"))
    wrong = faults(page, named(look, "factor"))
    give_code(page, "000000")
    wrong += faults(page, named(look, "factor-wrong"))
    key = page.locator("code").inner_text().replace(" ", "")
    give_code(page, code_of(key, step_at(clock.now)))

    assert wrong + faults(page, named(look, "recovery-codes")) == []


def test_a_form_comes_back_after_the_proof_without_script(open_page, group, clock):
    page = give_password(open_page, "sun.hao", script=False)
    give_code(page, fresh_code(clock.now))
    page.goto(f"/staff/accounts/{group['account']}")
    clock.advance(minutes=11)

    page.locator("[name=role]").select_option("auditor")
    page.locator("form:has([name=role]) button").click()
    page.wait_for_url(re.compile("/staff/confirm"))
    give_code(page, fresh_code(clock.now))
    page.wait_for_url(re.compile(f"/staff/accounts/{group['account']}$"))

    assert page.locator("[name=role]").input_value() == "auditor"
    follow(page, page.locator("form:has([name=role]) button"))
    held = {one.role for one in queries.account(group["account"]).assignments}
    assert held == {"manager", "auditor"}
