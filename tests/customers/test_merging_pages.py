"""The pages and operations of merges."""

import pytest

from loyalty.kernel.actor import Actor
from loyalty.membership.rules import number_of

NAMES = ("customers.read", "customers.edit", "customers.reveal", "customers.merge", "members.read", "points.read")


@pytest.fixture
def manager(client, acting, store):
    acting(Actor(kind="staff", id=1, name="林悦", grants=dict.fromkeys(NAMES, frozenset({store}))))
    return client


def number(customer_id):
    return f"C-{customer_id:07d}"


def test_who_shares_a_phone_or_the_name_is_offered(manager, kept, make_customer):
    twin = make_customer("王建国", "13700000000")
    make_customer("李雷", "13600000000")

    page = manager.get(f"/staff/customers/{kept}/merge").text

    assert number(twin) in page
    assert "李雷" not in page


def test_both_stand_side_by_side_and_the_check_names_the_effect_in_numbers(manager, kept, gone):
    sides = manager.get(f"/staff/customers/{kept}/merge?with={number(gone)}").text
    check = manager.post(f"/staff/customers/{kept}/merge/check", data={"with": number(gone), "name": "gone"}).text

    assert "王建国" in sides
    assert "王建囯" in sides
    assert "12,000" in check
    assert "金卡会员" in check
    assert "4 笔" in check
    assert manager.get(f"/staff/customers/{gone}").status_code == 200  # nothing is written yet


def test_merged_and_taken_back_on_the_pages(manager, kept, gone):
    done = manager.post(f"/staff/customers/{kept}/merge", data={"with": number(gone), "name": "gone"})
    page = manager.get(f"/staff/customers/{kept}").text
    there = manager.get(f"/staff/customers/{gone}")
    merge_id = int(page.split("/staff/customers/merges/")[1].split("/")[0])
    back = manager.post(f"/staff/customers/merges/{merge_id}/part")

    assert done.location == f"/staff/customers/{kept}"
    assert "王建囯" in page
    assert there.location == f"/staff/customers/{kept}"
    assert back.location == f"/staff/customers/{gone}"
    assert "王建国" in manager.get(f"/staff/customers/{kept}").text


def test_a_refusal_is_a_sentence_with_the_way_out(manager, kept, make_customer):
    newcomer = make_customer("王建国")

    page = manager.post(f"/staff/customers/{newcomer}/merge/check", data={"with": number(kept)})

    assert page.status_code == 409
    assert "请反过来合并" in page.text


def test_who_may_not_merge_has_no_such_page(desk, kept, gone):
    assert desk.get(f"/staff/customers/{kept}/merge").status_code == 403
    assert desk.post(f"/staff/customers/{kept}/merge", data={"with": number(gone)}).status_code == 403


def test_the_other_one_of_a_far_store_is_like_a_missing_one(manager, kept, make_customer, far_store):
    far = make_customer("王建国", home=far_store)

    answers = [
        manager.post(f"/staff/customers/{kept}/merge", data={"with": number(at)}).status_code for at in (far, 999_999)
    ]

    assert answers == [404, 404]


def test_programs_try_merge_and_take_back(manager, kept, gone):
    place = f"/api/v1/customers/{number(kept)}/merges"
    body = {"gone": number(gone), "take": ["name"]}

    tried = manager.post(place, json={**body, "dry_run": True})
    done = manager.post(place, json=body)
    again = manager.post(place, json=body)
    listed = manager.get(place).json["items"]
    back = manager.post(f"{place}/{done.json['id']}/undo")

    assert (tried.status_code, tried.json["id"]) == (201, None)
    assert tried.json["effects"] == done.json["effects"]
    assert (again.status_code, again.json["code"]) == (409, "customers.merge_of_closed")
    assert [(one["kept"], one["gone"]) for one in listed] == [(number(kept), number(gone))]
    assert back.status_code == 200


def test_the_number_of_a_gone_member_is_still_told(manager, kept, gone):
    manager.post(f"/staff/customers/{kept}/merge", data={"with": number(gone)})

    answer = manager.get(f"/api/v1/members/{number_of(gone)}")

    assert (answer.status_code, answer.json["state"]) == (200, "closed")
