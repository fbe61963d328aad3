"""What people come for, step by step, in real Chromium."""

import re

import pytest
from playwright.sync_api import expect

from loyalty.points.queries import balance
from loyalty.sales.service import carry_out, uploads_folder
from tests.fixtures.browsers import PHONE, faults, follow
from tests.journeys.conftest import PHONE_OF_WANG, asked_by_another

pytestmark = pytest.mark.browser


def test_a_customer_is_found_by_the_end_of_the_phone_with_six_keys(at_desk, scene):
    page = at_desk("/staff/members")

    page.keyboard.press("/")
    page.keyboard.type(PHONE_OF_WANG[-4:])
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(rf"/staff/customers/{scene.customer_id}$"))
    expect(page.locator("h1")).to_contain_text("王建国")


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_points_are_redeemed_through_a_check_page(at_desk, scene, clock, committed, script):
    page = at_desk(f"/staff/customers/{scene.customer_id}", script=script)

    page.get_by_role("link", name="兑换积分").click()
    page.get_by_label("积分", exact=True).fill("316")
    page.get_by_label("工单号").fill("R-90001")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("兑换 316 积分？")
    if script:  # axe is a script itself
        assert faults(page, "redeem-check") == []
    page.get_by_role("button", name="兑换 316 积分").click()

    expect(page).to_have_url(re.compile(rf"/staff/members/{scene.number}$"))
    expect(page.get_by_role("status").first).to_contain_text("9,000")
    assert balance(scene.customer_id, now=clock.now).available == 9000


def test_too_many_points_are_refused_with_what_there_is(at_desk, scene):
    page = at_desk(f"/staff/members/{scene.number}/redeem")

    page.get_by_label("积分", exact=True).fill("99999")
    page.get_by_role("button", name="核对").click()

    expect(page.get_by_role("alert")).to_contain_text(re.compile("9,?316"))
    expect(page.get_by_label("积分", exact=True)).to_have_value("99999")
    assert faults(page, "redeem-refused") == []


def test_points_are_redeemed_by_keyboard_alone(at_desk, scene, clock, committed):
    page = at_desk(f"/staff/members/{scene.number}/redeem")

    page.locator("#f-points").focus()
    page.keyboard.type("316")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("兑换 316 积分？")
    button = page.get_by_role("button", name="兑换 316 积分")
    for _ in range(60):
        if button.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(rf"/staff/members/{scene.number}$"))
    assert balance(scene.customer_id, now=clock.now).available == 9000


def test_a_movement_explains_itself_line_by_line(at_desk, scene):
    page = at_desk(f"/staff/members/{scene.number}/points")
    address = page.get_by_role("row").filter(has_text="R-88194").get_by_role("link", name="由来").get_attribute("href")

    page.goto(address)

    expect(page.locator("main")).to_contain_text("R-88194")
    expect(page.get_by_role("list", name="逐行说明").get_by_role("listitem")).to_have_count(2)
    assert faults(page, "movement") == []


def test_an_adjustment_above_the_limit_goes_to_a_second_person(at_desk, scene, clock, committed):
    page = at_desk(f"/staff/members/{scene.number}/adjust")

    page.get_by_text("增加积分").click()
    page.get_by_label("积分", exact=True).fill("1001")
    page.get_by_label("原因").fill("补登记")
    follow(page, page.get_by_role("button", name="核对"))
    assert faults(page, "adjust-check") == []
    page.get_by_role("button", name="提交另一人批准").click()
    expect(page.get_by_role("status").first).to_contain_text("待另一人批准")
    page.get_by_role("link", name="审批").click()
    page.get_by_role("link", name="王建国").click()

    expect(page.locator("main")).to_contain_text("10,317")
    expect(page.locator("main")).to_contain_text("需由另一位审批")
    expect(page.get_by_role("button", name="批准申请")).to_have_count(0)
    assert faults(page, "request-own") == []
    page.get_by_role("button", name="撤回申请").click()
    expect(page.locator("main")).to_contain_text("没有待他人审批的事项")
    assert balance(scene.customer_id, now=clock.now).available == 9316


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_request_is_approved_after_its_effect_was_seen(at_desk, scene, clock, committed, script):
    number = asked_by_another(scene, clock)
    page = at_desk("/staff/approvals", script=script)

    if script:
        page.keyboard.press("j")
        page.keyboard.press("Enter")
    else:
        page.get_by_role("link", name="王建国").click()
    expect(page).to_have_url(re.compile(rf"/staff/approvals/{number}$"))
    expect(page.locator("main")).to_contain_text("14,316")
    page.get_by_role("button", name="批准申请").click()

    expect(page.get_by_role("status").first).to_contain_text("5,000")
    assert balance(scene.customer_id, now=clock.now).available == 14_316


def test_a_file_of_sales_becomes_points_while_the_page_shows_how_far_it_is(at_desk, scene, app, clock, tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(
        "单号,客户号,日期,含税金额\nR-99001,K-1,2026-03-11,684.00\nR-99002,K-2,2026-03-11,abc\n", "utf-8-sig"
    )
    settings = app.extensions["loyalty.settings"]
    page = at_desk("/staff/imports/new")

    page.locator("[type=file]").set_input_files(file)
    page.locator("form[data-main] button").click()
    fill_columns(page)
    assert faults(page, "import-columns") == []
    page.locator("button[value=import]").click()
    expect(page.locator("#progress")).to_have_attribute("data-refresh", "2000")
    assert faults(page, "import-waiting") == []
    run_id = int(page.url.rstrip("/").rsplit("/", 1)[1])
    carry_out(run_id, folder=uploads_folder(settings.data_dir), most_bytes=10**7, now=clock.now)

    expect(page.locator("#progress")).not_to_have_attribute("data-refresh", "2000", timeout=10_000)
    expect(page.locator("#progress")).to_contain_text("abc")
    assert faults(page, "import-done") == []
    assert balance(scene.customer_id, now=clock.now).available == 10_000


def fill_columns(page):
    """Say which column holds what, and what stands for the columns that the file lacks."""
    page.locator("[name=source]").fill("core")
    for field, column in {"number": "单号", "customer_no": "客户号", "date": "日期", "amount": "含税金额"}.items():
        page.locator(f"[name=column-{field}]").select_option(column)
    for field, value in {"store": "CD01", "currency": "CNY", "kind": "service"}.items():
        page.locator(f"[name=value-{field}]").fill(value)


def test_an_owner_signs_in_by_code_and_sees_the_points_first(as_owner):
    page = as_owner("/my/", size=PHONE)

    expect(page.locator(".vip h2")).to_have_text("金卡会员")
    expect(page.get_by_role("link", name="9,316")).to_be_visible()
    page.get_by_role("link", name="9,316").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("积分明细")


def test_the_portal_works_without_script_and_with_thumbs(as_owner):
    page = as_owner("/my/", size=PHONE, script=False)
    small = []
    for path in ("/my/", "/my/points", "/my/tier", "/my/profile"):
        page.goto(path)
        for target in page.locator("main a, main button, .tabs5 a, .foot5 a").all():
            box = target.bounding_box()
            if box and box["height"] < 44:
                small.append((path, target.inner_text(), box["height"]))

    assert small == []


def test_large_text_and_a_narrow_window_still_fit(as_owner):
    page = as_owner("/my/", size={"width": 320, "height": 640})
    page.context.add_cookies([{"name": "size", "value": "large", "url": page.url}])
    wrong = {}
    for path in ("/my/", "/my/points", "/my/tier", "/my/profile"):
        page.goto(path)
        if found := faults(page, f"large{path.replace('/', '-')}"):
            wrong[path] = found

    assert wrong == {}
