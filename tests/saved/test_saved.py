"""Filters that people save, share, open lists with, and remove."""

from datetime import date

import pytest

from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.errors import Malformed
from loyalty.saved import queries, service
from loyalty.saved.rules import LONGEST_NAME, MOST, TooManyFilters, as_query, check_name
from loyalty.staff.service import assign, create_account, create_store

TODAY = "/staff/today"
READS = ("tasks.read", "customers.read", "messages.read")


@pytest.fixture
def store(db_session, clock):
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def hire(db_session, clock, store):
    """Return a function that opens an account in a store and gives its actor."""

    def make(username, at=store):
        made = create_account(username=username, name=username, password="correct horse", now=clock.now, by=SYSTEM)
        assign(made, "care_agent", store_id=at, from_day=date(2026, 1, 1), now=clock.now, by=SYSTEM)
        return Actor("staff", made, username, dict.fromkeys(READS, frozenset({at})))

    return make


def keep(client, name="逾期的", query="view=overdue&whose=all", code="tasks", **more):
    return client.post("/staff/filters", data={"list": code, "name": name, "query": query, **more})


def test_a_filter_is_saved_followed_and_shown_above_the_list(client, acting, hire):
    acting(hire("agent"))
    assert "存为筛选" in client.get(f"{TODAY}?view=overdue").text

    saved = keep(client)
    page = client.get(saved.location).text

    number = saved.location.rpartition("saved=")[2]
    assert saved.location == f"{TODAY}?view=overdue&whose=all&saved={number}"
    assert client.get(f"/staff/filters/{number}").location == saved.location
    assert "逾期的" in page
    assert f"/staff/filters/{number}" in page


@pytest.mark.parametrize(
    ("code", "address"), [("customers", "/staff/customers?state=active"), ("messages", "/staff/messages?state=due")]
)
def test_other_lists_have_filters_too(client, acting, hire, code, address):
    acting(hire("agent"))
    saved = keep(client, "我的", address.partition("?")[2], code)

    assert saved.location.startswith(f"{address}&saved=")
    assert "我的" in client.get(address).text


def test_a_shared_filter_is_there_for_the_store_and_for_nobody_else(client, acting, hire, store, far_store):
    acting(hire("agent"))
    keep(client, "只给自己")
    shared = keep(client, "给全店", store=store)
    number = shared.location.rpartition("saved=")[2]

    acting(hire("mate"))
    page = client.get(f"{TODAY}?saved=none").text
    removed = client.post(f"/staff/filters/{number}/remove")
    assert ("给全店 <span" in page, "只给自己</a>" in page) == (True, False)
    assert (removed.status_code, client.get(f"/staff/filters/{number}").status_code) == (303, 302)

    acting(hire("far", far_store))
    assert "给全店 <span" not in client.get(f"{TODAY}?saved=none").text
    assert client.get(f"/staff/filters/{number}").status_code == 404
    assert keep(client, "别店", store=store).status_code == 404


def test_a_list_opens_with_the_filter_that_was_chosen_and_only_without_words(client, acting, hire):
    acting(hire("agent"))
    saved = keep(client)
    number = saved.location.rpartition("saved=")[2]
    assert client.get(TODAY).status_code == 200

    client.post(f"/staff/filters/{number}/choose", data={"chosen": "1"})
    assert client.get(TODAY).location == saved.location
    assert client.get(f"{TODAY}?saved=none").status_code == 200

    client.post(f"/staff/filters/{number}/choose", data={"chosen": ""})
    assert client.get(TODAY).status_code == 200


def test_the_owner_removes_it_and_a_choice_goes_with_it(client, acting, hire):
    acting(hire("agent"))
    number = keep(client).location.rpartition("saved=")[2]
    client.post(f"/staff/filters/{number}/choose", data={"chosen": "1"})

    removed = client.post(f"/staff/filters/{number}/remove")

    assert removed.location == f"{TODAY}?saved=none"
    assert client.get(f"/staff/filters/{number}").status_code == 404
    assert client.get(TODAY).status_code == 200


def test_the_same_name_stands_for_the_new_filter(client, acting, hire):
    me = hire("agent")
    acting(me)
    keep(client)
    keep(client, query="view=other")

    (one,) = queries.filters("tasks", me.id, me.scope("tasks.read"))
    assert one.query == "view=other"


@pytest.mark.parametrize("sent", [{"name": ""}, {"name": "长" * (LONGEST_NAME + 1)}, {"code": "nothing"}])
def test_what_cannot_be_saved_is_told_and_nothing_is_written(client, acting, hire, sent):
    me = hire("agent")
    acting(me)

    answer = keep(client, **sent)

    assert answer.status_code == 303
    assert queries.filters("tasks", me.id, me.scope("tasks.read")) == []


def test_no_more_than_thirty_of_a_list(hire, clock):
    me = hire("agent")
    about = {"account_id": me.id, "scope": me.scope("tasks.read"), "now": clock.now}
    for number in range(MOST):
        service.save_filter("tasks", f"筛选 {number}", {"view": "overdue"}, **about)

    with pytest.raises(TooManyFilters):
        service.save_filter("tasks", "再一个", {"view": "overdue"}, **about)
    assert service.save_filter("tasks", "筛选 0", {"view": "other"}, **about).query == "view=other"


def test_only_what_filters_is_kept_of_an_address():
    assert as_query({"view": "overdue", "cursor": "x", "task": "3", "print": "1", "kind": ""}) == "view=overdue"
    assert check_name(" 我的 ") == "我的"
    with pytest.raises(Malformed):
        as_query({"view": "x" * 1_001})
