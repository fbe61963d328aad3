"""The pages of merges, rights, households and the owner's own data in real Chromium."""

import pytest

from loyalty.customers import queries, service
from loyalty.kernel.actor import SYSTEM, Actor
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.sales.conftest import VIN, a_line, a_sale

pytestmark = pytest.mark.browser

NAMES = (
    "customers.read",
    "customers.edit",
    "customers.reveal",
    "customers.merge",
    "customers.copy",
    "customers.erase",
    "members.read",
    "points.read",
    "sales.read",
)


@pytest.fixture
def people(kept, gone, make_customer, sell, clock, everything):
    """Two who are one, a household, a company with a driver, and somebody who asks to be forgotten."""
    what = {"scope": everything, "now": clock.now, "by": SYSTEM}
    day = clock.now.date()
    household = service.start_household(kept, "王家", day=day, **what)
    service.join_household(household, make_customer("李雷", "13700000001"), day=day, **what)
    service.request_erasure(make_customer("韩梅梅", "13700000002"), **what)
    company = sell(
        a_sale("W-1", a_line(gross=90_000), customer="K-9", name="广州物流有限公司", vin="LFV2A21K8G4099999")
    )
    service.change_customer(company, {"kind": "company"}, **what)
    [car] = [held.vehicle.id for held in queries.vehicles_of(company)]
    service.add_holder(car, make_customer("周师傅"), "driver", day=day, **what)
    service.add_note(kept, "周末来", **what)
    return {"kept": kept, "gone": gone, "household": household, "company": company, "car": car}


@pytest.fixture
def manager(app, acting, monkeypatch, store, clock):
    """A manager who has just proved who she is."""
    acting(Actor("staff", 1, "林悦", dict.fromkeys(NAMES, frozenset({store}))))
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: clock.now)


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk", "dark phone"])
def test_pages_of_the_staff(open_page, people, size, dark):
    kept, gone = people["kept"], f"C-{people['gone']:07d}"
    pages = {
        "merge-find": f"/staff/customers/{kept}/merge",
        "merge": f"/staff/customers/{kept}/merge?with={gone}",
        "rights": f"/staff/customers/{kept}/data",
        "erasures": "/staff/erasures",
        "household": f"/staff/households/{people['household']}",
        "household-new": f"/staff/customers/{people['gone']}/household",
        "company": f"/staff/customers/{people['company']}",
        "holder": f"/staff/vehicles/{people['car']}/holders/new",
        "vehicle": f"/staff/vehicles/{people['car']}",
        "vehicles": "/staff/vehicles",
        "consents": f"/staff/customers/{kept}/consents",
        "whole": f"/staff/customers/{kept}",
    }
    kind = f"{size['width']}{'-dark' if dark else ''}"
    page = open_page("/staff/customers", size=size, dark=dark)

    told = {}
    for name, address in pages.items():
        page.goto(address)
        told[name] = faults(page, f"{name}-{kind}")
    page.goto(pages["merge"])
    page.locator("form[data-main] button.btn-primary").click()
    page.wait_for_url("**/merge/check")
    told["merge-check"] = faults(page, f"merge-check-{kind}")
    page.goto(pages["rights"])
    page.locator("form[action$='/data/print'] button").click()
    page.wait_for_url("**/data/print")
    told["copy"] = faults(page, f"copy-{kind}")

    assert told == {name: [] for name in told}


def test_pages_of_owners(open_page, app, monkeypatch, people):
    kept = people["kept"]
    actor = Actor("owner", kept, f"C-{kept:07d}", customer_id=kept)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/my": lambda: actor})
    page = open_page("/my/profile", size=PHONE)
    [car] = [held.vehicle.id for held in queries.vehicles_of(kept) if held.vehicle.vin == VIN]

    told = {}
    for name in ("profile", "consents", "privacy", "cars", f"cars/{car}", "close"):
        page.goto(f"/my/{name}")
        told[name] = faults(page, f"my-{name.replace('/', '-')}")
    page.locator("form[data-main] button.btn-primary").click()
    page.wait_for_url("**/close/check")
    told["close-check"] = faults(page, "my-close-check")

    assert told == {name: [] for name in told}
