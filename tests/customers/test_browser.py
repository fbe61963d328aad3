"""The pages of customers in real Chromium: readable by everybody, on a desk and on a phone, light and dark."""

from datetime import timedelta

import pytest

from loyalty.customers.rules import Buyer, ConsentGiven, ReadingSeen, TimelineEntry, VehicleSeen
from loyalty.customers.service import (
    ensure_customers,
    ensure_vehicles,
    record_consents,
    record_readings,
    write_timeline,
)
from loyalty.kernel.actor import SYSTEM
from tests.fixtures.browsers import DESK, PHONE, faults

pytestmark = pytest.mark.browser

VIN = "LSVAA4182E2204817"
GREEN = "LSVAA4182E2117390"


@pytest.fixture
def regular(store, clock, everything):
    """A customer with vehicles, a history and an opinion about offers; its id."""
    people = [
        Buyer("core", "K1", "王建国", "13812345678", home_store_id=store),
        Buyer("core", "K2", "王小明", "13900005678", home_store_id=store),
        Buyer("core", "K3", "广州王氏汽车租赁有限公司", "020 81234567", "company", store),
    ]
    at = ensure_customers(people, now=clock.now, by=SYSTEM)["K1"]
    day = clock.now.date()
    ids = ensure_vehicles(
        [
            VehicleSeen(VIN, at, clock.now, day, "粤A0X12D", "轿车 1.6L 2025 款"),
            VehicleSeen(GREEN, at, clock.now, day, "粤AD38620", "纯电 SUV 2025 款"),
        ],
        now=clock.now,
        by=SYSTEM,
    )
    record_readings([ReadingSeen(ids[VIN], 5120, clock.now, day, "core")], now=clock.now, by=SYSTEM)
    given = [
        ConsentGiven("marketing", "sms", True, clock.now),
        ConsentGiven("marketing", "wechat", True, clock.now),
        ConsentGiven("marketing", "phone", False, clock.now),
    ]
    record_consents(at, given, scope=everything, now=clock.now, by=SYSTEM)
    amount = {"minor": 48_600, "currency": "CNY"}
    rows = [
        TimelineEntry(at, clock.now - timedelta(days=n), kind, "{note}", {"note": note, "amount": amount}, by)
        for n, (kind, note, by) in enumerate(
            [
                ("call", "维修后 3 天回访：接通，满意", "林悦"),
                ("note", "空调偶有异响，已约周六复检", "林悦"),
                ("sale", "到店 首次保养 工单 R-88214", "system"),
                ("points", "积分 +486", "system"),
                ("tier", "升级金卡", "system"),
            ]
            * 5,
        )
    ]
    write_timeline(rows)
    return at


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_accessible_and_fit(open_page, acting, agent, regular, size, dark):
    acting(agent)
    pages = {
        "whole": f"/staff/customers/{regular}",
        "edit": f"/staff/customers/{regular}/edit",
        "consents": f"/staff/customers/{regular}/consents",
        "list": "/staff/customers",
        "search": "/staff/search?q=王",
        "nothing": "/staff/search?q=zzz",
        "new": "/staff/customers/new",
        "vehicles": "/staff/vehicles",
        "vehicle": "/staff/vehicles/1",
        "vehicle-new": f"/staff/customers/{regular}/vehicles/new",
    }
    page = open_page("/staff/customers", size=size, dark=dark)

    told = {}
    for name, address in pages.items():
        page.goto(address)
        told[name] = faults(page, f"{name}-{size['width']}-{'dark' if dark else 'light'}")

    assert told == {name: [] for name in pages}


def test_a_customer_is_found_with_six_keys_and_opens_at_once(open_page, acting, agent, regular):
    acting(agent)
    page = open_page("/staff/customers")

    page.keyboard.press("/")
    page.keyboard.type("8620")
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/search?q=8620")
    page.keyboard.press("/")
    page.keyboard.press("Control+A")
    page.keyboard.type("粤AD38620")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/staff/customers/{regular}")
