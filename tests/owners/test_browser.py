"""An owner signs in on a phone, in real Chromium."""

import pytest

from tests.fixtures.browsers import DESK, PHONE, faults, follow

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("look", [(PHONE, False), (PHONE, True), (DESK, False)])
def test_signing_in_is_accessible_and_fits(app, committed, make_owner, phone, open_page, clock, lang, look):
    size, dark = look
    first = make_owner("王建国")
    make_owner("李雷")
    page = open_page("/my/login", size=size, lang=lang, dark=dark)
    told = [faults(page, f"my-login-{lang}-{size['width']}-{dark}")]

    page.locator("#f-phone").fill("138 1234 5678")
    follow(page, page.locator("main .btn-primary"))
    told.append(faults(page, f"my-error-{lang}-{size['width']}-{dark}"))
    page.locator("#f-privacy").check()
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/my/code")
    told.append(faults(page, f"my-code-{lang}-{size['width']}-{dark}"))
    page.keyboard.type(f"{phone.code[:3]} {phone.code[3:]}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/who")
    told.append(faults(page, f"my-who-{lang}-{size['width']}-{dark}"))
    page.locator("main button").first.click()
    page.wait_for_url("**/my/")
    clock.advance(minutes=2)
    elsewhere = app.test_client()
    elsewhere.post("/my/login", data={"phone": "13812345678", "privacy": "1"})
    elsewhere.post("/my/code", data={"code": phone.code})
    elsewhere.post("/my/who", data={"customer": str(first)})
    page.goto("/my/sessions")
    told.append(faults(page, f"my-sessions-{lang}-{size['width']}-{dark}"))

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
