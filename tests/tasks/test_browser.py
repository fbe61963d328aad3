"""The day's page and the calendar in real Chromium: read by everybody, worked by keys, and without script."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from loyalty.customers.rules import VehicleSeen
from loyalty.customers.service import ensure_vehicles
from loyalty.kernel.actor import SYSTEM
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.tasks.conftest import TODAY, one

pytestmark = pytest.mark.browser

PEOPLE = (("周启明", -28), ("何雨桐", -1), ("王建国", 0), ("陈思远", 0), ("赵玉兰", 0), ("刘浩", 1))


@pytest.fixture
def day(committed, acting, agent, make_task, customer, clock):
    """A full day of the agent; the numbers of the tasks."""
    acting(agent)
    numbers = []
    for place, (name, away) in enumerate(PEOPLE):
        owner = customer(name, phone=f"138{place:04}{place}466")
        seen = VehicleSeen(
            f"LSVAA4182E22048{place:02}", owner, clock.now, clock.now.date(), f"粤AD0X12{place}", "轿车 1.6L"
        )
        cars = ensure_vehicles([seen], now=clock.now, by=SYSTEM)
        when = TODAY + timedelta(days=away)
        more = {"due_at": clock.now + timedelta(hours=place)} if away == 0 else {}
        numbers.append(
            make_task(f"k{place}", of=owner, day=when, owner_id=agent.id, vehicle_id=next(iter(cars.values())), **more)
        )
    return numbers


def wrong_with(page, name):
    """Return what axe and the widths of page and tables say against the page."""
    found = faults(page, name)
    if page.evaluate("[...document.querySelectorAll('table')].some(t => t.offsetWidth > t.parentElement.clientWidth)"):
        found.append("a table is wider than what it stands in")
    return found


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_accessible_and_fit(open_page, day, size, dark):
    pages = {
        "today": "/staff/today",
        "task": f"/staff/today?task={day[2]}",
        "save": "/staff/today?view=overdue",
        "english": "/staff/today?whose=all&lang=en",
        "calendar": "/staff/calendar?whose=all&lang=zh-CN",
        "week": "/staff/calendar?as=week&whose=all",
        "new": "/staff/tasks/new",
        "empty": "/staff/today?view=invitation",
    }
    page = open_page("/staff/today", size=size, dark=dark)
    wrong = {}
    for name, path in pages.items():
        page.goto(path)
        if found := wrong_with(page, f"{name}-{size['width']}-{'dark' if dark else 'light'}"):
            wrong[name] = found

    assert wrong == {}


def test_a_digit_and_two_keys_record_and_lead_to_the_next(open_page, day):
    page = open_page("/staff/today")

    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")

    expect(page).to_have_url(re.compile(rf"task={day[1]}"))
    expect(page.get_by_role("status").first).to_contain_text("已记录 周启明：接通，满意")
    assert one(day[0]).outcome == "satisfied"

    page.get_by_role("button", name="撤销").click()

    expect(page.get_by_role("status").first).to_contain_text("结果已撤销")
    assert one(day[0]).state == "open"


def test_without_script_a_result_takes_two_clicks(open_page, day):
    page = open_page(f"/staff/today?task={day[1]}", script=False)

    page.get_by_text("无人接听", exact=False).first.click()
    page.get_by_role("button", name="保存，下一条").click()

    expect(page.get_by_role("status").first).to_contain_text("第 2 次联系（最多 3 次）在 3 月 13 日")
    assert one(day[1]).due_from == date(2026, 3, 13)


def test_on_a_phone_a_task_is_opened_from_the_list_and_left_again(open_page, day):
    page = open_page("/staff/today", size=PHONE)

    page.get_by_role("link", name="王建国").click()
    expect(page.get_by_role("heading", name="王建国")).to_be_visible()
    expect(page.get_by_role("table")).to_be_hidden()
    page.get_by_role("link", name="返回列表").click()

    expect(page.get_by_role("table")).to_be_visible()
