"""The pages of follow-up plans in real Chromium."""

from datetime import date

import pytest

from loyalty.customers.queries import vehicle_id_by_vin
from loyalty.customers.service import change_vehicle
from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.programme.service import load_tables
from tests.fixtures.browsers import DESK, PHONE, faults
from tests.sales.conftest import OTHER_VIN, VIN
from tests.visits.conftest import plans

pytestmark = pytest.mark.browser


@pytest.fixture
def acting(app, store, agent, monkeypatch):
    """Let requests come from an agent of the store."""
    names = ("tasks.read", "tasks.work", "customers.read", "programme.read", "messages.read")
    actor = Actor("staff", agent, "Agent", dict.fromkeys(names, frozenset({store})))
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: actor})


@pytest.fixture
def followed(acting, committed, serve, deliver, night, clock):
    """A plan with a message, one of an inspection that is not certain, and one of a service; vehicle and customer."""
    load_tables(now=clock.now, by=SYSTEM)
    customer_id = deliver()
    serve("S-2", customer="K-2", vin=OTHER_VIN)
    vehicle_id = vehicle_id_by_vin(VIN, EVERYTHING)
    change_vehicle(vehicle_id, {"registered_day": date(2024, 5, 20)}, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    night(date(2026, 3, 13))
    committed.commit()
    return vehicle_id, customer_id


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk-light", "phone-dark"])
def test_pages_are_accessible_and_fit(open_page, followed, size, dark):
    vehicle_id, customer_id = followed
    page = open_page("/staff/visits", size=size, dark=dark)
    wrong = {}
    own = [f"/visits/{plan.id}" for plan in plans()]
    others = ("", "?state=void", "/plans?day=2026-02-12", "/plans?day=2031-02-12&lang=en", f"/{plans()[-1].id}?lang=en")
    beside = [f"/vehicles/{vehicle_id}?lang=en", f"/customers/{customer_id}?lang=zh-CN"]
    for path in (*own, *(f"/visits{one}" for one in others), *beside):
        page.goto(f"/staff{path}")
        if found := faults(page, f"{path.strip('/').replace('/', '-').replace('?', '-')}-{size['width']}"):
            wrong[path] = found

    assert wrong == {}
