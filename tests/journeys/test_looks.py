"""Every first face in real Chromium: both languages, light and dark, on a desk and on a phone, without a complaint."""

import pytest

from tests.fixtures.browsers import DESK, PHONE, faults
from tests.journeys.conftest import asked_by_another

pytestmark = pytest.mark.browser

LOOKS = [("zh-CN", DESK, False), ("zh-CN", PHONE, False), ("en-GB", DESK, True), ("en-GB", PHONE, True)]
STAFF = {
    "members": "/staff/members",
    "member": "/staff/members/{number}",
    "member-points": "/staff/members/{number}/points",
    "member-growth": "/staff/members/{number}/points?unit=growth",
    "redeem": "/staff/members/{number}/redeem",
    "adjust": "/staff/members/{number}/adjust",
    "transfer": "/staff/members/{number}/transfer",
    "level": "/staff/members/{number}/level",
    "approvals": "/staff/approvals",
    "request": "/staff/approvals/{request}",
    "decided": "/staff/approvals?state=all",
    "state": "/staff/members/{number}/state",
    "enrol": "/staff/members/new",
    "customer360": "/staff/customers/{customer_id}",
    "customers": "/staff/customers",
    "search": "/staff/search?q=王",
    "imports": "/staff/imports",
    "import-new": "/staff/imports/new",
    "rules": "/staff/programme",
    "rules-form": "/staff/programme/new?kind=tiers",
    "facts": "/staff/programme/tables",
    "facts-form": "/staff/programme/tables/new?kind=three_guarantees",
    "work-calendar": "/staff/programme/calendar?year=2026",
}
OWNERS = {"card": "/my/", "points": "/my/points", "ladder": "/my/tier", "profile": "/my/profile"}


def named(look, what):
    lang, size, dark = look
    return f"{what}-{lang[:2]}-{size['width']}-{'dark' if dark else 'light'}"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: named(look, "look"))
def test_staff_pages_are_in_order(at_desk, scene, clock, look):
    request = asked_by_another(scene, clock)
    lang, size, dark = look
    page = at_desk("/staff/", lang=lang, size=size, dark=dark)
    wrong = {}
    for what, path in STAFF.items():
        answer = page.goto(path.format(number=scene.number, customer_id=scene.customer_id, request=request))
        found = faults(page, named(look, what)) + ([] if answer.ok else [f"status {answer.status}"])
        if found:
            wrong[what] = found

    assert wrong == {}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: named(look, "look"))
def test_owners_pages_are_in_order(as_owner, look):
    lang, size, dark = look
    page = as_owner("/my/", lang=lang, size=size, dark=dark)
    wrong = {}
    for what, path in OWNERS.items():
        page.goto(path)
        if found := faults(page, named(look, f"my-{what}")):
            wrong[what] = found

    assert wrong == {}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: named(look, "look"))
@pytest.mark.parametrize("path", ["/staff/login", "/my/login"])
def test_sign_in_is_in_order(open_page, live_server, path, look):
    lang, size, dark = look
    page = open_page(path, lang=lang, size=size, dark=dark)

    assert faults(page, named(look, path.strip("/").replace("/", "-"))) == []
