"""A dealer with a programme, a manager and owners with a year of visits: what the journeys walk through."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from loyalty.customers.queries import customer_ids_by_phone
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.membership import service as membership
from loyalty.membership.rules import Use, number_of
from loyalty.programme.service import load_file
from loyalty.sales.rules import CustomerFact, LineFact, SaleFact, VehicleFact
from loyalty.sales.service import record_sales
from loyalty.staff.service import assign, create_account, create_store
from tests.fixtures.browsers import follow
from tests.fixtures.second_factor import fresh_code, give_factor
from tests.membership.conftest import EARNING, programme

PASSWORD = "correct horse staple"
PHONE_OF_WANG = "13812345678"
GROWTH = {**EARNING["rules"][0], "code": "growth", "unit": "growth", "name": {"zh": "成长值", "en": "Growth"}}


@dataclass(frozen=True)
class Scene:
    """What the journeys know of the dealer: its main character, and where the messages are written."""

    customer_id: int
    number: str
    outbox: Path

    def last_code(self):
        """Return the sign-in code of the last message."""
        return re.search(r"(?<!\d)\d{6}(?!\d)", self.outbox.read_text().splitlines()[-1]).group()


def _sale(number, day, gross, customer, name, phone=None, vin=None, plate=None):
    lines = (
        LineFact(1, "LAB-10", "labour", Decimal(1), gross // 4, 0, gross // 4),
        LineFact(2, "OIL-5W30", "parts", Decimal(4), gross - gross // 4, 0, gross - gross // 4),
    )
    return SaleFact(
        source="core",
        number=number,
        kind="service",
        store="CD01",
        customer=CustomerFact(customer, name, phone),
        occurred=datetime.combine(day, time(10, 20)),
        currency="CNY",
        lines=lines,
        vehicle=VehicleFact(vin, plate, "轿车 1.6L 2025 款") if vin else None,
    )


def _history(today):
    """Sales of the last year: one regular, and some others for the lists."""
    wang = ("K-1", "王建国", PHONE_OF_WANG, "LSVAA4182E2204817", "粤A0X12D")
    visits = [(330, 240_000), (250, 186_000), (160, 302_000), (90, 275_000), (3, 48_600)]
    sales = [
        _sale(f"R-88{190 + place}", today - timedelta(days=ago), gross, *wang)
        for place, (ago, gross) in enumerate(visits)
    ]
    names = ["李梅", "陈志强", "黄丽", "周敏", "吴倩", "郑凯", "张伟", "刘洋", "林小红", "何佳"]
    sales += [
        _sale(f"R-77{100 + place}", today - timedelta(days=20 + place), 30_000 + 45_000 * place, f"K-{place + 2}", name)
        for place, name in enumerate(names)
    ]
    return sorted(sales, key=lambda sale: sale.occurred)


@pytest.fixture
def scene(committed, clock, environment, live_server):
    """The dealer on a live server."""
    create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)
    earning = {**EARNING, "rules": [*EARNING["rules"], GROWTH]}
    load_file(programme(earning=earning), now=clock.now, by=SYSTEM)
    account = create_account(username="linyue", name="林悦", password=PASSWORD, now=clock.now, by=SYSTEM)
    assign(account, "manager", store_id=None, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
    give_factor(account, clock.now)
    now = clock.now
    customer_id = 0
    for sale in _history(now.date()):
        clock.set(now - (now.date() - sale.occurred.date()))
        record_sales([sale], mode="create", now=clock.now, by=SYSTEM)
        if sale.number == "R-88193":
            (customer_id,) = customer_ids_by_phone("+86" + PHONE_OF_WANG)
            use = Use(number_of(customer_id), 1200, "兑换精洗券 1 张")
            membership.redeem(use, scope=EVERYTHING, now=clock.now + timedelta(days=40), by=SYSTEM)
    clock.set(now)
    return Scene(customer_id, number_of(customer_id), Path(environment["LOYALTY_DATA"]) / "outbox.log")


@pytest.fixture
def at_desk(open_page, scene, clock):
    """Return a function that opens a staff page as the manager, who has signed in."""

    def opened(path, **how):
        page = open_page("/staff/login", **how)
        page.locator("[name=username]").fill("linyue")
        page.locator("[name=password]").fill(PASSWORD)
        follow(page, page.locator("form:has([name=password]) button"))
        page.locator("[name=code]").fill(fresh_code(clock.now))
        follow(page, page.locator("form:has([name=code]) button"))
        page.wait_for_url(lambda url: "/staff/login" not in url)
        page.goto(path)
        return page

    return opened


@pytest.fixture
def as_owner(open_page, scene, valkey):
    """Return a function that opens a page of the portal as its owner, who has signed in by code."""

    def opened(path, **how):
        valkey.flushdb()  # the limits on codes are tested elsewhere
        page = open_page("/my/login", **how)
        page.locator("[name=phone]").fill(PHONE_OF_WANG)
        page.locator("[name=privacy]").check()
        follow(page, page.locator("form:has([name=phone]) button"))
        page.locator("[name=code]").fill(scene.last_code())
        follow(page, page.locator("form:has([name=code]) button"))
        expect(page).to_have_url(re.compile(r"/my/$"))
        if path != "/my/":
            page.goto(path)
        return page

    return opened


def asked_by_another(scene, clock):
    """Let another manager ask for 5,000 points of the scene's member; return the request."""
    words = {"password": "correct horse staple", "now": clock.now, "by": SYSTEM}
    other = Actor("staff", create_account(username="zhao.gang", name="赵刚", **words), "赵刚", {"points.adjust": None})
    return membership.ask_to_adjust(Use(scene.number, 5000, "漏登记"), scope=EVERYTHING, now=clock.now, by=other)
