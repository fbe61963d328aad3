"""A manager writes new rules with forms, and looks at what is different."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.browsers import PHONE, faults

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_rules_are_written_on_a_phone_without_json(at_desk, scene, script):
    def in_order(name):
        assert not script or faults(page, name) == []  # axe is a script itself

    page = at_desk("/staff/programme/new", size=PHONE, lang="en-GB", script=script)
    page.get_by_role("link", name="Earning points").click()
    page.get_by_role("button", name="Add a rule").click()
    expect(page.locator("[name='b.rules.2.code']")).to_be_visible()
    in_order("rules-added")
    page.locator("[name='b.rules.2.code']").fill("visit")
    page.locator("[name='b.rules.2.per']").select_option("visit")
    page.locator("[name='b.rules.2.points']").fill("ten")
    page.get_by_role("button", name="Save the draft").last.click()

    expect(page.locator("#mistakes")).to_contain_text("Write a number of 0 or more")
    in_order("rules-mistaken")
    page.locator("[name='b.rules.2.points']").fill("50")
    page.get_by_role("button", name="Check and preview").last.click()
    expect(page.locator(".rulepreview")).to_contain_text("Each paid visit gives 50 points.")
    page.get_by_role("button", name="Save the draft").first.click()

    expect(page.locator("main")).to_contain_text("Each paid visit gives 50 points.")
    in_order("rules-version")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".rulediff")).to_contain_text("added")
    in_order("rules-compared")
