"""The pages of follow-up plans in real Chromium."""

import os
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from loyalty.kernel.actor import Actor
from tests.fixtures.browsers import DESK, PHONE
from tests.visits.conftest import plans

pytestmark = pytest.mark.browser


@pytest.fixture
def acting(app, store, agent, monkeypatch):
    """Let requests come from an agent of the store."""
    names = ("tasks.read", "tasks.work", "customers.read", "programme.read")
    actor = Actor("staff", agent, "Agent", dict.fromkeys(names, frozenset({store})))
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/staff": lambda: actor})


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk-light", "phone-dark"])
def test_pages_are_accessible_and_fit(open_page, acting, committed, serve, deliver, night, size, dark):
    deliver()
    serve("S-2", customer="K-2", vin="LFV2A21K8G4012345")
    night(date(2026, 3, 13))
    committed.commit()
    page = open_page("/staff/visits", size=size, dark=dark)
    wrong = {}
    for path in ("", "?state=void", f"/{plans()[0].id}", "/plans?day=2026-02-12", "/plans?lang=en"):
        page.goto(f"/staff/visits{path}")
        if folder := os.environ.get("LOYALTY_SHOTS"):
            name = f"visits{path.replace('/', '-').replace('?', '-')}-{size['width']}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)
        found = [violation["id"] for violation in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("wider than the window")
        if found:
            wrong[path] = found

    assert wrong == {}
