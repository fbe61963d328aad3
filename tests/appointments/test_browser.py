"""The pages of appointments in real Chromium, light and dark, on a desk and on a phone; and booking without script."""

import pytest
from playwright.sync_api import expect

from loyalty.kernel.actor import Actor
from tests.appointments.conftest import FRIDAY
from tests.fixtures.browsers import DESK, PHONE
from tests.tasks.test_browser import wrong_with

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(committed, app, monkeypatch, customer, ask, store):
    """Somebody at the desk, an owner, and an appointment of the owner; the appointment's number."""
    who = customer(vin="LSVAA4182E2123456")
    made = ask(who, note="有异响")
    names = ("appointments.read", "appointments.work", "customers.read", "tasks.read", "tasks.work", "stores.manage")
    staff = Actor("staff", 1, "前台", dict.fromkeys(names, frozenset({store})))
    owner = Actor("owner", who, "owner", customer_id=who)
    loaders = {"/staff": lambda: staff, "/my": lambda: owner}
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", loaders)
    committed.commit()
    return made


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk", "phone"])
def test_pages_are_accessible_and_fit(open_page, scene, size, dark):
    pages = {
        "list": "/staff/appointments",
        "one": f"/staff/appointments/{scene.id}",
        "move": f"/staff/appointments/{scene.id}/move?day={FRIDAY}",
        "new": f"/staff/appointments/new?customer={scene.customer_id}&day={FRIDAY}",
        "places": f"/staff/appointments/places/{scene.store_id}",
        "mine": "/my/appointments",
        "book": f"/my/appointments/new?day={FRIDAY}",
        "shown": f"/my/appointments/{scene.id}",
        "moving": f"/my/appointments/{scene.id}/move",
        "calendar": "/staff/calendar?whose=all",
        "week": "/staff/calendar?whose=all&as=week",
    }
    page = open_page("/my/appointments", size=size, dark=dark)
    wrong = {}
    for name, path in pages.items():
        answer = page.goto(path)
        found = wrong_with(page, f"appointments-{name}-{size['width']}-{'dark' if dark else 'light'}")
        if found or not answer.ok:
            wrong[name] = found or answer.status

    assert wrong == {}


def test_an_owner_books_without_script_on_a_phone(open_page, scene):
    page = open_page("/my/appointments", size=PHONE, script=False)

    page.get_by_role("link", name="预约到店").click()
    page.get_by_text("10:00").click()
    page.get_by_text("保养").first.click()
    page.get_by_role("button", name="预约到店").click()

    expect(page.locator("main")).to_contain_text("待门店确认")
