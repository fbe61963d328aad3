"""What one person asks of a member's points or level, and another decides."""

from dataclasses import replace
from datetime import date

import pytest

from loyalty.approvals import queries as approvals
from loyalty.approvals import service as decisions
from loyalty.approvals.rules import AlreadyWaiting, OwnRequest
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.membership import queries, service
from loyalty.membership.rules import AdjustmentAboveLimit, MemberNotFound, Use
from loyalty.points.queries import balance
from loyalty.points.rules import NotEnoughPoints
from loyalty.staff.service import create_account
from loyalty.tiers.queries import floors, standing
from loyalty.tiers.rules import FloorEnded, LevelNotFound
from tests.membership.conftest import give
from tests.membership.test_pages import filled, usable


@pytest.fixture
def people(agent, store, clock):
    """Two managers of the first store, with accounts of their own."""
    grants = dict(agent.grants) | dict.fromkeys(("approvals.read", "approvals.decide"), frozenset({store}))

    def manager(username, name):
        words = {"password": "long-enough-for-a-test-7", "now": clock.now, "by": SYSTEM}
        return replace(agent, id=create_account(username=username, name=name, **words), name=name, grants=grants)

    return manager("lin.yue", "林悦"), manager("zhao.gang", "赵刚")


@pytest.fixture
def asked(people, member, here, clock):
    """Ask, as the first person, for an adjustment of the member; return the request."""

    def ask(points, reason="补登记", **more):
        use = Use(member.number, points, reason, **more)
        return service.ask_to_adjust(use, scope=here, now=clock.now, by=people[0])

    return ask


def approve(number, by, clock):
    return decisions.approve(number, scope=EVERYTHING, now=clock.now, by=by)


def preview(number, clock):
    return approvals.preview(approvals.approval(number, EVERYTHING), clock.now)


def test_an_adjustment_above_the_limit_is_carried_out_at_the_yes_of_another(asked, people, member, clock, store):
    number = asked(5000)
    before = usable(member, clock)
    clock.advance(hours=2)

    effects = approve(number, people[1], clock)

    assert (before, usable(member, clock)) == (8420, 13_420)
    assert [str(effect) for effect in effects] == ["5000 points are added by hand."]
    (movement, *_) = queries.movements(member.customer_id).items
    assert (movement.kind, movement.source_kind, movement.source_id) == ("adjust", "approval", number)
    assert (movement.actor_name, movement.reason) == ("赵刚", "补登记")
    assert balance(member.customer_id, now=clock.now).next_end_points == 5000


def test_nobody_approves_the_own_adjustment(asked, people, member, clock):
    number = asked(5000)

    with pytest.raises(OwnRequest):
        approve(number, people[0], clock)

    assert usable(member, clock) == 8420


def test_the_effect_is_that_of_now(asked, member, here, people, clock):
    number = asked(-8000)
    then = preview(number, clock)
    service.redeem(Use(member.number, 420), scope=here, now=clock.now, by=people[0])

    now = preview(number, clock)

    assert [(one.before, one.after) for one in then.figures] == [(8420, 420)]
    assert [(one.before, one.after) for one in now.figures] == [(8000, 0)]
    assert then.fingerprint != now.fingerprint


def test_the_same_effect_a_day_later_is_the_same(asked, clock):
    number = asked(5000)
    then = preview(number, clock).fingerprint
    clock.advance(days=1)

    assert preview(number, clock).fingerprint == then


def test_what_has_become_impossible_is_not_approved(asked, member, here, people, clock):
    number = asked(-8000)
    service.redeem(Use(member.number, 421), scope=here, now=clock.now, by=people[0])

    with pytest.raises(NotEnoughPoints):
        approve(number, people[1], clock)

    assert (usable(member, clock), approvals.approval(number, EVERYTHING).state) == (7999, "waiting")


def test_what_the_ledger_refuses_is_not_asked(asked, member):
    with pytest.raises(NotEnoughPoints):
        asked(-8421)


def test_one_adjustment_of_a_member_waits(asked):
    asked(5000)

    with pytest.raises(AlreadyWaiting):
        asked(6000)


def test_an_approved_adjustment_counts_for_nobody_s_own_limit(asked, people, member, here, clock):
    approve(asked(5000), people[1], clock)

    for person in people:
        service.adjust(Use(member.number, 1000, "补积分"), scope=here, now=clock.now, by=person)
        with pytest.raises(AdjustmentAboveLimit):
            service.adjust(Use(member.number, 1, "补积分"), scope=here, now=clock.now, by=person)


def test_another_store_s_member_is_not_asked_for(people, make_member, far_store, here, clock):
    far = make_member(home=far_store)

    with pytest.raises(MemberNotFound):
        service.ask_to_adjust(Use(far.number, 5000, "x"), scope=here, now=clock.now, by=people[0])
    with pytest.raises(MemberNotFound):
        service.ask_for_level(
            far.number, "gold", until=date(2026, 12, 31), reason="x", scope=here, now=clock.now, by=people[0]
        )


def test_the_page_sends_it_to_a_second_person_with_its_effect(desk, acting, people, member, clock):
    acting(people[0])
    url = f"/staff/members/{member.number}/adjust"

    check = desk.post(f"{url}/check", data=filled(desk.get(url), direction="add", points="1,001", reason="补登记"))
    answers = [desk.post(url, data=filled(check)) for _ in range(2)]

    assert ("9,421" in check.text, "提交另一人批准" in check.text) == (True, True)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert usable(member, clock) == 8420
    (waiting,) = approvals.listed(approvals.Filter(), EVERYTHING).items
    acting(people[1])
    page = desk.get(f"/staff/approvals/{waiting.id}")
    assert ("9,421" in page.text, "王建国" in page.text, "补登记" in page.text) == (True, True, True)
    desk.post(f"/staff/approvals/{waiting.id}/approve", data=filled(page))
    assert usable(member, clock) == 9421


def test_the_ledger_names_both_people(asked, desk, acting, people, member, clock):
    acting(people[1])
    number = asked(5000)
    approve(number, people[1], clock)
    (movement, *_) = queries.movements(member.customer_id).items

    page = desk.get(f"/staff/members/{member.number}/points/{movement.id}")

    assert "林悦申请，赵刚批准" in page.text
    assert f"/staff/approvals/{number}" in page.text


def test_the_page_lets_nobody_past_the_limit_alone(desk, acting, people, member, clock):
    acting(people[0])
    url = f"/staff/members/{member.number}/adjust"
    form = desk.get(url)

    answer = desk.post(url, data=filled(form, direction="add", points="1001", reason="补登记"))

    assert (answer.status_code, usable(member, clock)) == (409, 8420)


@pytest.fixture
def level(people, member, here, clock):
    """Ask, as the first person, for a level; return the request."""

    def ask(code="gold", until=date(2026, 12, 31)):
        return service.ask_for_level(
            member.number, code, until=until, reason="集团大客户", scope=here, now=clock.now, by=people[0]
        )

    return ask


def test_a_level_by_hand_counts_at_the_yes_of_another(level, people, member, clock):
    number = level()
    before = standing(member.customer_id).level_code
    told = preview(number, clock)

    approve(number, people[1], clock)

    assert (before, standing(member.customer_id).level_code) == ("basic", "gold")
    assert [(one.before, one.after) for one in told.figures] == [
        ({"zh": "普通会员", "en": "Basic"}, {"zh": "金卡会员", "en": "Gold"}),
        (None, date(2026, 12, 31)),
    ]
    (floor,) = floors(member.customer_id)
    assert (floor.setter_name, floor.approver_name) == ("林悦", "赵刚")


def test_nobody_approves_the_own_level(level, people, member, clock):
    number = level()

    with pytest.raises(OwnRequest):
        approve(number, people[0], clock)

    assert standing(member.customer_id).level_code == "basic"


def test_decided_requests_forget_what_was_written_about_an_erased_customer(level, people, member, clock):
    number = level()
    approve(number, people[1], clock)

    decisions.forget_requests([member.customer_id])

    view = approvals.approval(number, EVERYTHING)
    kept = [view.request.body, *view.effect.effects, *(view.outcome or ())]
    assert (view.state, len(view.effect.figures)) == ("approved", 2)
    assert all("集团大客户" not in str(one) for one in kept)


@pytest.mark.parametrize("move", ["return", "withdraw"])
def test_a_level_that_goes_back_leaves_nothing(level, people, member, clock, move):
    number = level()
    how = {"scope": EVERYTHING, "now": clock.now}

    if move == "return":
        decisions.send_back(number, "请先与总部确认", **how, by=people[1])
    else:
        decisions.withdraw(number, **how, by=people[0])

    assert (floors(member.customer_id), standing(member.customer_id).level_code) == ([], "basic")
    level()


def test_a_level_needs_to_be_one_and_to_last(level, clock):
    with pytest.raises(LevelNotFound):
        level("diamond")
    with pytest.raises(FloorEnded):
        level(until=date(2026, 3, 11))
    number = level(until=date(2026, 3, 12))
    clock.advance(days=1)

    with pytest.raises(FloorEnded):
        preview(number, clock)


def test_the_page_of_levels_shows_what_waits_and_what_holds(desk, acting, people, member, clock):
    acting(people[0])
    url = f"/staff/members/{member.number}/level"

    done = desk.post(url, data={"level": "gold", "until": "2026-12-31", "reason": "集团大客户"})
    again = desk.post(url, data={"level": "gold", "until": "2026-12-31", "reason": "集团大客户"})
    (waiting,) = approvals.listed(approvals.Filter(kind="tier_floor"), EVERYTHING).items
    shown = desk.get(url).text
    approve(waiting.id, people[1], clock)

    assert (done.status_code, again.status_code) == (303, 409)
    assert f"/staff/approvals/{waiting.id}" in shown
    assert "林悦申请，赵刚批准" in desk.get(url).text


@pytest.fixture
def program(client, acting, people):
    acting(people[0])
    return client


def test_programs_ask_above_the_limit_when_they_say_so(program, member, clock):
    url = f"/api/v1/members/{member.number}/adjustments"
    body = {"points": 5000, "reason": "补登记"}

    refused = program.post(url, json=body)
    tried = program.post(url, json=body | {"ask": True, "dry_run": True})
    waits = [program.post(url, json=body | {"ask": True}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    below = program.post(url, json={"points": 5, "reason": "补登记", "ask": True})

    assert (refused.status_code, refused.json["code"]) == (409, "membership.adjustment_above_limit")
    assert (tried.status_code, tried.json["approval"]) == (202, None)
    assert waits[0].status_code == waits[1].status_code == 202
    assert waits[0].json == waits[1].json
    assert waits[0].json["effects_once_approved"][0]["numbers"]["points"] == 5000
    assert (below.status_code, usable(member, clock)) == (200, 8425)


def test_programs_ask_for_levels_and_read_them(program, people, member, clock):
    url = f"/api/v1/members/{member.number}/floors"
    body = {"level": "gold", "until": "2026-12-31", "reason": "集团大客户"}

    asked = program.post(url, json=body)
    waiting = program.get(url).json
    approve(asked.json["approval"], people[1], clock)
    listed = program.get(url).json

    assert (asked.status_code, waiting) == (202, {"items": [], "waiting": asked.json["approval"]})
    assert [(one["level"], one["until"], one["approved_by"]) for one in listed["items"]] == [
        ("gold", "2026-12-31", "赵刚")
    ]
    assert listed["waiting"] is None


@pytest.mark.parametrize(
    "wrong", [{"level": "diamond"}, {"until": "2026-02-29"}, {"reason": ""}, {"more": 1}, {"until": "2026-03-11"}]
)
def test_programs_ask_for_levels_that_can_be(program, member, wrong):
    body = {"level": "gold", "until": "2026-12-31", "reason": "集团大客户"} | wrong

    answer = program.post(f"/api/v1/members/{member.number}/floors", json=body)

    assert answer.status_code in {404, 409, 422}
    assert floors(member.customer_id) == []


def test_programs_suspend_resume_and_close(program, member, here):
    url = f"/api/v1/members/{member.number}/state"

    nameless = program.post(url, json={"move": "suspend"})
    moved = [
        program.post(url, json=body).json["member"]["state"]
        for body in ({"move": "suspend", "reason": "待查"}, {"move": "resume"}, {"move": "close", "reason": "本人要求"})
    ]
    again = program.post(url, json={"move": "resume"})

    assert (nameless.status_code, moved, again.status_code) == (422, ["suspended", "active", "closed"], 409)


@pytest.mark.parametrize("path", ["/floors", "/state", "/adjustments"])
def test_foreign_members_are_not_asked_for(program, make_member, far_store, path):
    far = make_member(home=far_store, points=100)
    body = {
        "/floors": {"level": "gold", "until": "2026-12-31", "reason": "x"},
        "/state": {"move": "suspend", "reason": "x"},
        "/adjustments": {"points": 5000, "reason": "x", "ask": True},
    }[path]

    assert program.post(f"/api/v1/members/{far.number}{path}", json=body).status_code == 404


def test_the_list_shows_how_things_stand_now_with_as_many_statements_for_many(
    desk, acting, people, make_member, here, clock, statements, store
):
    def ask_for(member):
        service.ask_to_adjust(Use(member.number, 5000, "补登记"), scope=here, now=clock.now, by=people[0])
        service.ask_for_level(
            member.number, "gold", until=date(2026, 12, 31), reason="x", scope=here, now=clock.now, by=people[0]
        )

    def opened():
        with statements() as sent:
            page = desk.get("/staff/approvals", headers={"Accept-Language": "en"})
        return page.text, len(sent)

    acting(people[1])
    first = make_member(points=8420)
    ask_for(first)
    give(first.customer_id, 77, store, clock, number="R-2")
    opened()
    page, one = opened()
    for _ in range(5):
        ask_for(make_member())
    _, many = opened()

    assert "As it stands now: Usable points" in page
    assert ">8,497<" in page
    assert "As it stands now: Level" in page
    assert many == one
