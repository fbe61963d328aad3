"""The store closes an account: the same lapses as when the owner does it, and it is told before."""

import re

import pytest

from loyalty.customers import queries, service
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.membership import queries as membership
from loyalty.points import queries as points
from loyalty.points import service as ledger
from loyalty.points.rules import Ask
from loyalty.staff.service import create_api_client
from tests.customers.test_editing import edit_form
from tests.sales.conftest import a_line, a_sale


@pytest.fixture
def owner(rules, sell):
    """A member with 3,000 points."""
    return sell(a_sale("S-1", a_line(gross=300_000), customer="K-1", phone="13812345678"))


@pytest.fixture
def program(client, clock, store):
    _, token = create_api_client(
        name="core", permissions=["customers.read", "customers.edit"], store_ids=[store], now=clock.now, by=SYSTEM
    )

    def patch(customer_id, **body):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return client.patch(f"/api/v1/customers/C-{customer_id:07d}", json=body, headers=headers)

    return patch


def states(customer_id, clock):
    return (
        queries.customer(customer_id, EVERYTHING).state,
        membership.member_of(customer_id, EVERYTHING).state,
        points.balance(customer_id, now=clock.now).available,
    )


def told(page):
    return {"told": re.search(r'name="told" value="(\w+)"', page)[1]}


def test_the_form_tells_what_lapses_before_it_closes(desk, owner, clock):
    form = edit_form(desk.get(f"/staff/customers/{owner}/edit").text) | {"state": "closed"}

    check = desk.post(f"/staff/customers/{owner}/edit", data=form)
    before = states(owner, clock)
    done = desk.post(f"/staff/customers/{owner}/edit", data=form | told(check.text))

    assert check.status_code == 200
    assert "3,000 积分失效" in check.text
    assert before == ("active", "active", 3_000)
    assert done.status_code == 303
    assert states(owner, clock) == ("closed", "closed", 0)
    assert points.audit() == []
    assert [row.sentence for row in queries.timeline(owner).items][:1] == ["Account closed"]


def test_what_came_meanwhile_is_told_before_it_lapses(desk, owner, sell, clock):
    form = edit_form(desk.get(f"/staff/customers/{owner}/edit").text) | {"state": "closed"}
    seen = told(desk.post(f"/staff/customers/{owner}/edit", data=form).text)
    sell(a_sale("S-2", a_line(gross=100_000), customer="K-1"))

    again = desk.post(f"/staff/customers/{owner}/edit", data=form | seen)

    assert "4,000 积分失效" in again.text
    assert states(owner, clock) == ("active", "active", 4_000)


def test_reserved_points_keep_the_account_open(desk, owner, store, clock):
    ledger.hold(Ask(owner, 100, "H1", store, "order"), now=clock.now, by=SYSTEM)
    form = edit_form(desk.get(f"/staff/customers/{owner}/edit").text) | {"state": "closed", "name": "李四"}

    refused = desk.post(f"/staff/customers/{owner}/edit", data=form)

    assert refused.status_code == 409
    assert "100 积分已为订单预留" in refused.text
    assert states(owner, clock) == ("active", "active", 2_900)
    assert queries.customer(owner, EVERYTHING).name == "王建国"


def test_who_has_nothing_is_closed_with_the_other_changes(desk, make_customer):
    at = make_customer()
    form = edit_form(desk.get(f"/staff/customers/{at}/edit").text) | {"state": "closed", "name": "李四"}
    check = desk.post(f"/staff/customers/{at}/edit", data=form)

    desk.post(f"/staff/customers/{at}/edit", data=form | told(check.text))

    assert "没有积分和会员资格会失去" in check.text
    assert (queries.customer(at, EVERYTHING).name, queries.customer(at, EVERYTHING).state) == ("李四", "closed")


def test_a_program_tries_it_and_does_it_with_the_same_effects(program, owner, clock):
    tried = program(owner, state="closed", dry_run=True)
    before = states(owner, clock)
    done = program(owner, state="closed")
    again = program(owner, state="closed")

    assert (tried.status_code, tried.json["state"], tried.json["dry_run"]) == (200, "active", True)
    assert before == ("active", "active", 3_000)
    assert tried.json["effects"] == done.json["effects"]
    assert [one["kind"] for one in done.json["effects"]] == ["points.lapsed", "membership.ended"]
    assert again.json["effects"] == []
    assert states(owner, clock) == ("closed", "closed", 0)


def test_whoever_closes_it_the_same_lapses(owner, sell, clock):
    other = sell(a_sale("S-9", a_line(gross=300_000), customer="K-9", phone="13812345679"))

    by_owner = service.close_account(owner, scope=EVERYTHING, now=clock.now, by=SYSTEM)
    by_staff = service.change_customer(other, {"state": "closed"}, scope=EVERYTHING, now=clock.now, by=SYSTEM)

    assert [(one.kind, one.sentence) for one in by_owner] == [(one.kind, one.sentence) for one in by_staff]
    assert states(owner, clock) == states(other, clock)
