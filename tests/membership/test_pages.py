"""Members' pages for staff and owners, without a browser."""

import re
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from loyalty.kernel.actor import EVERYTHING, SYSTEM, Actor
from loyalty.kernel.clock import day_at
from loyalty.membership import queries, service
from loyalty.membership.rules import Newcomer, Use, number_of
from loyalty.points.queries import balance
from loyalty.sales.service import record_sales
from loyalty.staff.queries import AuditFilter, audit_rows
from loyalty.tiers.queries import floors
from tests.membership.conftest import give
from tests.sales.conftest import a_line, a_sale

PAGES = ["", "/points", "/points?unit=growth", "/redeem", "/adjust", "/transfer", "/state", "/level"]


def usable(member, clock):
    return balance(member.customer_id, now=clock.now).available


def filled(page, **values):
    """Return what the form of a page sends: its hidden fields and the values typed."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return {**hidden, **values}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_member_opens(desk, member, path, lang):
    answer = desk.get(f"/staff/members/{member.number}{path}", headers={"Accept-Language": lang})

    assert answer.status_code == 200
    assert " ".join(re.findall(r"....", member.number)) in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/points/1"])
def test_foreign_and_missing_members_are_not_found(desk, make_member, far_store, path):
    far = make_member(home=far_store)

    assert desk.get(f"/staff/members/{far.number}{path}").status_code == 404
    assert desk.get(f"/staff/members/610000000000{path}").status_code == 404


def test_the_list_names_members_and_their_levels(desk, member):
    answer = desk.get("/staff/members")

    assert member.number[:4] in answer.text
    assert "普通会员" in answer.text


def test_a_member_number_in_the_search_opens_the_member(desk, member):
    answer = desk.get("/staff/members", query_string={"q": member.number})

    assert answer.location.endswith(f"/staff/members/{member.number}")


def test_empty_lists_say_why_and_what_comes_next(desk, rules):
    assert "还没有会员" in desk.get("/staff/members").text
    assert "没有符合的会员" in desk.get("/staff/members?state=closed").text


def test_redeeming_takes_a_check_page_that_names_the_effect(desk, member, clock):
    form = desk.get(f"/staff/members/{member.number}/redeem")

    check = desk.post(
        f"/staff/members/{member.number}/redeem/check", data=filled(form, points="1,420", document="R-90001")
    )
    before = usable(member, clock)
    done = desk.post(f"/staff/members/{member.number}/redeem", data=filled(check))

    assert "8,420" in check.text
    assert "7,000" in check.text
    assert before == 8420
    assert done.status_code == 303
    assert usable(member, clock) == 7000
    assert "7,000" in desk.get(done.location).text


def test_a_button_pressed_twice_redeems_once(desk, member, clock):
    form = desk.get(f"/staff/members/{member.number}/redeem")
    check = desk.post(f"/staff/members/{member.number}/redeem/check", data=filled(form, points="420"))

    answers = [desk.post(f"/staff/members/{member.number}/redeem", data=filled(check)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert usable(member, clock) == 8000


@pytest.mark.parametrize("points", ["", "１２", "1.5", "-3", "0", "1e3", "12a", "9007199254740993"])
def test_points_that_cannot_be_read_stay_in_the_form_with_the_error(desk, member, clock, points):
    form = desk.get(f"/staff/members/{member.number}/redeem")

    answer = desk.post(f"/staff/members/{member.number}/redeem/check", data=filled(form, points=points))

    assert answer.status_code == 422
    assert "错误：" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert usable(member, clock) == 8420


def test_a_refusal_is_a_sentence_with_the_way_out(desk, member, clock):
    form = desk.get(f"/staff/members/{member.number}/redeem")

    answer = desk.post(f"/staff/members/{member.number}/redeem/check", data=filled(form, points="9000"))

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert usable(member, clock) == 8420


def test_adjusting_takes_a_reason(desk, member, clock):
    url = f"/staff/members/{member.number}/adjust"
    form = desk.get(url)

    nameless = desk.post(f"{url}/check", data=filled(form, direction="add", points="10"))
    check = desk.post(f"{url}/check", data=filled(form, direction="take", points="420", reason="补多了"))
    done = desk.post(url, data=filled(check))

    assert (nameless.status_code, done.status_code) == (422, 303)
    assert usable(member, clock) == 8000


def test_points_are_transferred_through_a_check_page_that_names_both(desk, member, make_member, clock):
    other = make_member("李梅", points=80)
    url = f"/staff/members/{member.number}/transfer"
    typed = {"to": other.number, "points": "420", "reason": "家庭合并"}

    check = desk.post(f"{url}/check", data=filled(desk.get(url), **typed))
    before = usable(member, clock)
    done = desk.post(url, data=filled(check))

    for told in ("王建国", "李梅", "8,000", "500"):
        assert told in check.text
    assert (before, done.status_code, usable(member, clock), usable(other, clock)) == (8420, 303, 8000, 500)


@pytest.mark.parametrize("to", ["", "123", "610000000000"])
def test_a_transfer_to_nobody_is_told_at_its_field(desk, member, clock, to):
    url = f"/staff/members/{member.number}/transfer"

    answer = desk.post(f"{url}/check", data=filled(desk.get(url), to=to, points="420", reason="x"))

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert usable(member, clock) == 8420


def test_a_transfer_to_another_store_s_member_is_told_as_to_nobody(desk, member, make_member, far_store, clock):
    far = make_member(home=far_store, points=5)
    url = f"/staff/members/{member.number}/transfer"

    answer = desk.post(f"{url}/check", data=filled(desk.get(url), to=far.number, points="420", reason="x"))

    assert answer.status_code == 422
    assert (usable(member, clock), usable(far, clock)) == (8420, 5)


def test_nobody_transfers_to_oneself(desk, member, clock):
    url = f"/staff/members/{member.number}/transfer"

    answer = desk.post(f"{url}/check", data=filled(desk.get(url), to=member.number, points="420", reason="x"))

    assert answer.status_code == 409
    assert usable(member, clock) == 8420


def test_a_redemption_is_given_back_from_its_movement(desk, member, clock, here, agent):
    receipt = service.redeem(Use(member.number, 420, "精洗"), scope=here, now=clock.now, by=agent)
    movement = queries.movements(member.customer_id).items[0]
    url = f"/staff/members/{member.number}/redemptions/{receipt.key}/return"

    page = desk.get(f"/staff/members/{member.number}/points/{movement.id}")
    check = desk.post(f"{url}/check", data=filled(desk.get(url), points="420", reason="未使用"))
    done = desk.post(url, data=filled(check))

    assert url in page.text
    assert done.status_code == 303
    assert usable(member, clock) == 8420


@pytest.mark.parametrize(("language", "rule"), [("zh-CN", "“消费积分”"), ("en", "“Points for spending”")])
def test_a_movement_says_its_rule_by_name_and_not_by_code(desk, rules, store, clock, language, rule):
    record_sales([a_sale("S-1", a_line(gross=48_600))], mode="create", now=clock.now, by=SYSTEM)
    ((number, customer_id),) = [
        (row.number, row.customer_id) for row in queries.listed(queries.Filter(), EVERYTHING).items
    ]
    (movement,) = queries.movements(customer_id).items

    page = desk.get(f"/staff/members/{number}/points/{movement.id}", headers={"Accept-Language": language})

    assert rule in page.text
    assert "spend," not in page.text
    assert "spend，" not in page.text


def test_a_redemption_says_which_points_it_took(desk, member, here, agent, clock):
    service.redeem(Use(member.number, 420, "精洗"), scope=here, now=clock.now, by=agent)
    (movement, *_) = queries.movements(member.customer_id).items

    page = desk.get(f"/staff/members/{member.number}/points/{movement.id}")

    assert "R-88214" in page.text
    assert "−420" in page.text


def test_the_export_has_the_members_of_the_filter_and_computes_nothing(desk, acting, agent, make_member, store):
    acting(replace(agent, grants=dict(agent.grants) | {"exports.run": frozenset({store})}))
    make_member("=1+1", points=70)
    make_member("李梅")
    suspended = make_member("周敏")
    desk.post(f"/staff/members/{suspended.number}/state", data={"move": "suspend", "reason": "待查"})

    answer = desk.get("/staff/members/export.xlsx?state=active")

    with ZipFile(BytesIO(answer.data)) as book:
        texts = book.read("xl/worksheets/sheet1.xml").decode()
    assert (answer.status_code, texts.count("<row ")) == (200, 3)
    assert ("&#39;=1+1" in texts or "'=1+1" in texts, "<f>" in texts, "周敏" in texts) == (True, False, False)
    (row,) = audit_rows(AuditFilter(action="list.exported"), EVERYTHING)
    assert row.after == {"list": "members", "state": "active"}


def test_the_export_asks_for_its_permission_and_a_fresh_proof(app, desk, acting, agent, member, store, monkeypatch):
    assert desk.get("/staff/members/export.xlsx").status_code == 403
    acting(replace(agent, grants=dict(agent.grants) | {"exports.run": frozenset({store})}))
    monkeypatch.setitem(app.extensions, "loyalty.proof", lambda: None)

    assert desk.get("/staff/members/export.xlsx").status_code == 303


def test_the_export_has_its_limit(desk, acting, agent, member, store):
    acting(replace(agent, grants=dict(agent.grants) | {"exports.run": frozenset({store})}))

    statuses = [desk.get("/staff/members/export.xlsx").status_code for _ in range(31)]

    assert statuses == [200] * 30 + [429]


def test_enrolling_by_hand_opens_the_member(desk, make_customer, rules):
    customer_id = make_customer()

    done = desk.post("/staff/members/new", data={"customer": f"C-{customer_id:07}", "store": "CD01"})
    again = desk.post("/staff/members/new", data={"customer": f"C-{customer_id:07}", "store": "CD01"})
    missing = desk.post("/staff/members/new", data={"customer": "C-9999999", "store": "CD01"})

    assert done.status_code == 303
    assert (again.status_code, missing.status_code) == (409, 409)


def test_a_membership_is_suspended_with_a_reason(desk, member, here):
    url = f"/staff/members/{member.number}/state"

    nameless = desk.post(url, data={"move": "suspend"})
    done = desk.post(url, data={"move": "suspend", "reason": "重复兑换待查"})

    assert (nameless.status_code, done.status_code) == (422, 303)
    assert queries.member(member.number, here).state_reason == "重复兑换待查"


def test_the_customers_page_shows_card_and_points(desk, member):
    page = desk.get(f"/staff/customers/{member.customer_id}")

    assert page.status_code == 200
    assert "mcard-basic" in page.text
    assert "8,420" in page.text


def test_the_customers_page_offers_to_enrol(desk, make_customer, rules):
    page = desk.get(f"/staff/customers/{make_customer()}")

    assert "/staff/members/new?customer=C-" in page.text


@pytest.fixture
def owner(client, acting):
    """Return a function that signs an owner in."""

    def signed_in(customer_id):
        acting(Actor(kind="owner", id=customer_id, name="owner", customer_id=customer_id))
        return client

    return signed_in


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("path", ["/my/", "/my/points", "/my/tier", "/my/profile"])
def test_owners_see_their_membership(owner, member, path, lang):
    page = owner(member.customer_id).get(path, headers={"Accept-Language": lang})

    assert page.status_code == 200


def test_the_first_page_has_card_points_and_the_next_step(owner, member):
    page = owner(member.customer_id).get("/my/")

    assert "8,420" in page.text
    assert "银卡会员" in page.text
    assert "vip-basic" in page.text


def test_an_owner_sees_nothing_of_another(owner, member, make_member, store, clock):
    other = make_member("李梅", points=77)
    give(other.customer_id, 3, store, clock, number="R-77777")

    for path in ("/my/", "/my/points", "/my/tier", "/my/profile"):
        page = owner(member.customer_id).get(path)
        assert "R-77777" not in page.text
        assert " ".join(re.findall(r"....", other.number)) not in page.text
        assert "李梅" not in page.text


@pytest.mark.parametrize("path", ["/my/", "/my/points", "/my/tier", "/my/profile"])
def test_an_owner_who_is_no_member_is_welcomed(owner, make_customer, rules, path):
    page = owner(make_customer()).get(path)

    assert page.status_code == 200


def test_what_lapses_soon_is_told_on_the_first_page(owner, make_member, store, clock):
    member = make_member()
    give(member.customer_id, 320, store, clock, ends=19)

    page = owner(member.customer_id).get("/my/")

    assert "320" in page.text
    assert "3 月 31 日" in page.text


def test_the_history_goes_on_by_month(owner, make_member, store, clock):
    member = make_member()
    for month in range(3):
        for visit in range(12):
            give(member.customer_id, 10, store, clock, number=f"R-{month}-{visit}")
        clock.advance(days=31)

    page = owner(member.customer_id).get("/my/points")
    older = owner(member.customer_id).get(re.search(r'href="(/my/points\?cursor=[^"]+)"', page.text).group(1))

    assert "2026 年 05 月" in page.text
    assert "R-0-0" not in page.text
    assert "R-0-0" in older.text


def test_pages_work_without_levels(owner, make_customer, store, clock, desk, db_session):
    customer_id = make_customer()
    newcomer = Newcomer(customer_id, store, clock.now, day_at(clock.now, "Asia/Shanghai"))
    service.enrol([newcomer], now=clock.now, by=SYSTEM)

    for path in ("", "/points", "/redeem"):
        assert desk.get(f"/staff/members/{number_of(customer_id)}{path}").status_code == 200
    assert desk.get(f"/staff/customers/{customer_id}").status_code == 200
    for path in ("/my/", "/my/points", "/my/tier", "/my/profile"):
        assert owner(customer_id).get(path).status_code == 200


def test_the_timeline_says_under_each_sale_what_it_brought(desk, rules, store, clock):
    record_sales([a_sale("S-1", a_line(gross=48_600))], mode="create", now=clock.now, by=SYSTEM)
    record_sales([a_sale("S-2", a_line(gross=100_000))], mode="create", now=clock.now, by=SYSTEM)
    ((customer_id, _),) = [(row.customer_id, row) for row in queries.listed(queries.Filter(), EVERYTHING).items]

    page = desk.get(f"/staff/customers/{customer_id}").text

    told = [re.sub(r"<[^>]+>|\s", "", row) for row in re.findall(r'<p class="label mb-0">(.*?)</p>', page, re.DOTALL)]
    assert sorted(row for row in told if "余额" in row) == ["积分+1,000·余额1,486", "积分+486·余额486"]


@pytest.mark.parametrize(("field", "value"), [("level", ""), ("until", "2026-02-29"), ("reason", "")])
def test_a_level_by_hand_needs_level_day_and_reason(desk, member, field, value):
    form = {"level": "gold", "until": "2026-12-31", "reason": "long-standing owner", field: value}

    answer = desk.post(f"/staff/members/{member.number}/level", data=form)

    assert answer.status_code == 422
    assert floors(member.customer_id) == []
