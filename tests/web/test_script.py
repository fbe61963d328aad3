"""The layouts in real Chromium: keys, dialogs, refresh in place, and what axe finds."""

import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.fixtures.browsers import DESK, PHONE
from tests.web.conftest import Actor, Everything

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
SOMEBODY = Actor("staff", 1, "林悦", Everything())


@pytest.fixture
def site(probe):
    """The small application on a port of this machine, with somebody signed in."""
    probe.extensions["who"] = SOMEBODY
    server = make_server("127.0.0.1", 0, probe, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    probe.extensions.update(who=None, steps=0)


@pytest.fixture
def window(browser, site):
    """Return a function that opens a window; errors of the script or the content policy fail the test."""
    opened, wrong = [], []

    def open_window(path, *, size=DESK, dark=False, script=True):
        context = browser.new_context(
            base_url=site,
            viewport=size,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="zh-CN",
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.goto(path)
        return page

    yield open_window
    for context in opened:
        context.close()
    assert wrong == []


@pytest.mark.parametrize("path", ["/staff/work", "/staff/help", "/my/", "/", "/staff/stop/404", "/my/stop/409"])
@pytest.mark.parametrize("size", [DESK, PHONE, NARROW], ids=["desk", "phone", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_layouts_are_clean_and_fit(window, path, size, dark):
    page = window(path, size=size, dark=dark)

    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    found = Axe().run(page).response["violations"]

    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = false; })")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_planted_fault_is_found(window):
    page = window("/staff/work")

    page.evaluate("document.querySelector('#f-note').removeAttribute('id')")

    assert "label" in [one["id"] for one in Axe().run(page).response["violations"]]


def test_the_device_chooses_dark_without_script(window):
    light = window("/plain", script=False)
    dark = window("/plain", dark=True, script=False)

    shade = "getComputedStyle(document.body).backgroundColor"
    assert light.locator("body").evaluate(shade) == "rgb(243, 245, 248)"
    assert dark.locator("body").evaluate(shade) == "rgb(17, 22, 29)"


def test_keys_move_through_rows_and_open_one(window):
    page = window("/staff/work")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ben")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")

    page.wait_for_url("**/staff/customers?Ann")


def test_a_digit_chooses_an_answer_and_ctrl_enter_sends_it(window):
    page = window("/staff/work")

    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**/staff/customers?result=b*")


def test_single_keys_rest_while_typing_and_when_switched_off(window):
    page = window("/staff/work")
    page.locator("#f-note").click()
    page.keyboard.press("2")
    expect(page.locator("#f-note")).to_have_value("2")
    expect(page.locator("#f-result-2")).not_to_be_checked()

    page.locator("summary.account").click()
    page.get_by_role("group", name="单键快捷键").get_by_role("button", name="关").click()
    page.wait_for_load_state()
    page.locator("body").press("2")

    expect(page.locator("#f-result-2")).not_to_be_checked()


def test_help_opens_in_a_dialog_and_gives_the_focus_back(window):
    page = window("/staff/work")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="帮助与快捷键")).to_contain_text("下一行")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="帮助与快捷键")).to_be_focused()


def test_without_script_a_dialog_is_a_page(window):
    page = window("/staff/work", script=False)

    page.locator("#ask").click()

    page.wait_for_url("**/staff/customers")


def test_progress_is_refreshed_in_place_until_it_is_done(window, probe):
    page = window("/staff/work")
    page.locator("#f-note").fill("kept")

    probe.extensions["steps"] = 2

    expect(page.locator("#progress progress")).to_have_attribute("value", "2")
    expect(page.locator("#progress[data-refresh]")).to_have_count(0)
    expect(page.locator("#f-note")).to_have_value("kept")


def test_a_count_tells_how_much_was_typed(window):
    page = window("/staff/work")

    page.locator("#f-note").fill("三个字")

    expect(page.locator("#f-note-count")).to_have_text("3 / 20")


def test_the_menu_opens_without_script_and_closes_by_escape_with_it(window):
    silent = window("/staff/work", script=False)
    silent.locator("summary.account").click()
    expect(silent.get_by_role("group", name="颜色")).to_be_visible()

    page = window("/staff/work")
    page.locator("summary.account").click()
    page.keyboard.press("Escape")

    expect(page.get_by_role("group", name="颜色")).to_be_hidden()


def test_a_phone_has_the_navigation_in_a_menu(window):
    page = window("/staff/work", size=PHONE)

    page.locator("summary[aria-label=菜单]").click()
    page.get_by_role("link", name="客户", exact=True).click()

    page.wait_for_url("**/staff/customers")
