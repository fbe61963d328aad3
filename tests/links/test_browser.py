"""The pages of links in real Chromium: readable by everybody, on a desk and on a phone, light and dark."""

import pytest

from loyalty.kernel.actor import SYSTEM
from loyalty.links import queries, service
from loyalty.links.rules import Plan
from loyalty.sales.rules import parse_mapping
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.links.conftest import VIN, a_sale, an_event
from tests.links.core import MAPPING, Core

pytestmark = pytest.mark.browser

LOOKS = {
    "desk-zh-light": {"size": DESK, "lang": "zh-CN", "dark": False},
    "phone-zh-dark": {"size": PHONE, "lang": "zh-CN", "dark": True},
    "desk-en-dark": {"size": DESK, "lang": "en-GB", "dark": True},
    "phone-en-light": {"size": PHONE, "lang": "en-GB", "dark": False},
}
PAGES = {
    "list": "/staff/links",
    "webhook": "/staff/links/dms",
    "view": "/staff/links/erp",
    "gone": "/staff/links/old",
    "new-webhook": "/staff/links/new/webhook",
    "new-view": "/staff/links/new/view",
    "columns": "/staff/links/erp/columns",
    "change": "/staff/links/erp/view",
    "rotate": "/staff/links/dms/secret",
    "missing": "/staff/links/erp/missing",
}


@pytest.fixture
def core_db(clones, worker_number):
    with clones.empty(f"looks_w{worker_number}") as url:
        yield Core(url)


@pytest.fixture
def scene(committed, core, core_db, clock, acting):
    """A webhook with rejected rows, a view of which sales are gone, and one that nobody reaches."""
    core.send(an_event(sales=[a_sale(f"R-{n}") for n in range(12)]))
    odd = a_sale("R-13", store="NEW1")
    reading = {"vin": VIN, "km": 12, "read_at": "2026-03-11T10:00:00Z", "store": "CD01", "order": "W-1"}
    core.send(an_event("E-2", sales=[odd, {"number": "R-14"}], readings=[reading]))
    for number in range(3):
        core_db.put(f"A-{number}")
    common = {"source": "dms", "stores": None, "now": clock.now, "by": SYSTEM}
    for code, name, url in (("erp", "ERP 结算视图", core_db.url), ("old", "旧系统", "mysql://u:p@127.0.0.1:1/dms")):
        service.create_pull(code=code, name=name, url=url, plan=plan(), **common)
    read("erp", clock)
    core_db.delete("A-0", "A-1", "A-2")
    clock.advance(days=1)
    read("erp", clock)
    read("old", clock)


def plan():
    return Plan("settled", parse_mapping(MAPPING), deleted="deleted_at")


def read(code, clock):
    service.pull(queries.link_by_code(code), now=clock.now, by=SYSTEM, by_hand=True)


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_links_look_right(open_page, look):
    page = open_page("/staff/links", **LOOKS[look])
    wrong = {}
    for name, path in PAGES.items():
        answer = page.goto(path)
        found = faults(page, f"links-{name}-{look}") + ([] if answer.ok else [f"status {answer.status}"])
        if found:
            wrong[name] = found

    assert wrong == {}


@pytest.mark.usefixtures("committed", "acting")
def test_a_webhook_is_made_in_the_browser(open_page):
    page = open_page("/staff/links")
    page.get_by_role("link", name="新建签名事件对接").first.click()
    page.fill("#f-name", "门店 DMS")
    page.fill("#f-code", "dms")
    page.fill("#f-source", "core")
    page.locator("form[data-main] button").click()
    page.wait_for_selector("#secret")
    found = faults(page, "links-secret")

    assert found == []
    assert page.input_value("#secret").startswith("whsec_")
