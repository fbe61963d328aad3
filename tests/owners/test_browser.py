"""An owner signs in on a phone, in real Chromium."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.fixtures.browsers import DESK, PHONE

pytestmark = pytest.mark.browser


def looks_right(page, name):
    """Keep a picture when asked for one; return what axe and the width say against the page."""
    if folder := os.environ.get("LOYALTY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the window")
    return found


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("look", [(PHONE, False), (PHONE, True), (DESK, False)])
def test_signing_in_is_accessible_and_fits(app, committed, make_owner, phone, open_page, clock, lang, look):
    size, dark = look
    first = make_owner("王建国")
    make_owner("李雷")
    page = open_page("/my/login", size=size, lang=lang, dark=dark)
    told = [looks_right(page, f"my-login-{lang}-{size['width']}-{dark}")]

    page.locator("#f-phone").fill("138 1234 5678")
    page.locator("main .btn-primary").click()
    told.append(looks_right(page, f"my-error-{lang}-{size['width']}-{dark}"))
    page.locator("#f-privacy").check()
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/my/code")
    told.append(looks_right(page, f"my-code-{lang}-{size['width']}-{dark}"))
    page.keyboard.type(f"{phone.code[:3]} {phone.code[3:]}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/who")
    told.append(looks_right(page, f"my-who-{lang}-{size['width']}-{dark}"))
    page.locator("main button").first.click()
    page.wait_for_url("**/my/")
    clock.advance(minutes=2)
    elsewhere = app.test_client()
    elsewhere.post("/my/login", data={"phone": "13812345678", "privacy": "1"})
    elsewhere.post("/my/code", data={"code": phone.code})
    elsewhere.post("/my/who", data={"customer": str(first)})
    page.goto("/my/sessions")
    told.append(looks_right(page, f"my-sessions-{lang}-{size['width']}-{dark}"))

    assert told == [[], [], [], [], []]


def test_targets_are_large_enough_for_a_thumb_and_all_works_without_script(committed, make_owner, phone, open_page):
    make_owner()
    page = open_page("/my/login", size=PHONE, script=False)

    heights = [one.bounding_box()["height"] for one in page.locator("main :is(button, input.form-control)").all()]
    page.locator("#f-phone").fill("13812345678")
    page.locator("#f-privacy").check()
    page.locator("main .btn-primary").click()
    page.locator("#f-code").fill(phone.code)
    page.locator("main .btn-primary").click()

    page.wait_for_url("**/my/")
    assert min(heights) >= 44
