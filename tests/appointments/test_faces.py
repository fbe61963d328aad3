"""Appointments on the pages of owners and staff, and for programs."""

import re
from datetime import timedelta

import pytest

from loyalty.appointments import queries, service
from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from tests.appointments.conftest import FRIDAY, SATURDAY, SUNDAY, at, owner_of

API = "/api/v1/appointments"
MINE = "/my/appointments"


@pytest.fixture
def owner(client, acting, customer):
    """Sign an owner in; the id of the customer."""
    who = customer(vin="LSVAA4182E2123456")
    acting(owner_of(who))
    return who


def starts(page):
    return re.findall(r'name="starts" id="s-\d+" value="([^"]+)"( disabled)?', page)


def test_an_owner_books_from_the_times_shown(client, owner, store):
    page = client.get(f"{MINE}/new?day={FRIDAY}").text
    offered = [value for value, _ in starts(page)]
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    car = re.search(r'<option value="(\d+)">[^<]*轿车', page)[1]
    sent = {"starts": offered[0], "topic": "maintenance", "vehicle": car, "key": key}

    answers = [client.post(f"{MINE}/new?store={store}&day={FRIDAY}", data=sent) for _ in range(2)]

    assert len(offered) == 7
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    told = client.get(answers[0].location).text
    assert all(words in told for words in ("城东店", "09:00", "待门店确认", "轿车 1.6L"))
    assert queries.ahead_of(owner) == 1

    back = client.post(f"{MINE}/new?store={store}&day={FRIDAY}", data={**sent, "starts": offered[1]})
    assert back.location != answers[0].location  # another time from the same form is another appointment
    assert queries.ahead_of(owner) == 2


def test_the_first_day_with_a_place_is_shown_and_a_full_time_is_not_offered(client, owner, store, ask, clock, customer):
    service.set_capacity(store, 1, now=clock.now, by=SYSTEM)
    ask(customer("李敏", "13912345678"), FRIDAY, 9)

    page = client.get(f"{MINE}/new").text

    assert "3 月 13 日" in page
    assert starts(page)[0] == (at(FRIDAY, 9).isoformat(), " disabled")
    assert starts(page)[1] == (at(FRIDAY, 10).isoformat(), "")


def test_a_closing_day_says_so(client, owner):
    page = client.get(f"{MINE}/new?day={SUNDAY}").text

    assert starts(page) == []
    assert "这一天不接车" in page


@pytest.mark.parametrize("missing", ["starts", "topic"])
def test_what_is_missing_is_told_and_the_rest_is_kept(client, owner, missing):
    sent = {"starts": at(FRIDAY, 9).isoformat(), "topic": "repair", "key": "k", "note": "有异响"}

    answer = client.post(f"{MINE}/new?day={FRIDAY}", data={**sent, missing: ""})

    assert answer.status_code == 422
    assert "错误：" in answer.text
    assert "有异响" in answer.text
    assert queries.ahead_of(owner) == 0


def test_a_place_that_is_gone_meanwhile_is_told(client, owner, store, ask, customer, clock):
    service.set_capacity(store, 1, now=clock.now, by=SYSTEM)
    ask(customer("李敏", "13912345678"), FRIDAY, 9)
    sent = {"starts": at(FRIDAY, 9).isoformat(), "topic": "repair", "key": "k"}

    answer = client.post(f"{MINE}/new?day={FRIDAY}", data=sent)

    assert (answer.status_code, "已约满" in answer.text) == (409, True)


def test_an_owner_moves_cancels_and_takes_the_file(client, owner, ask):
    made = ask(owner)
    page = f"{MINE}/{made.id}"

    file = client.get(f"{page}.ics")
    moved = client.post(f"{page}/move", data={"starts": at(SATURDAY, 10).isoformat()})
    shown = client.get(page).text
    cancelled = client.post(f"{page}/cancel")

    assert file.mimetype == "text/calendar"
    assert "DTSTART:20260313T010000Z" in file.text
    assert "STATUS:TENTATIVE" in file.text
    assert (moved.status_code, cancelled.status_code) == (303, 303)
    assert "3 月 14 日" in shown
    assert "STATUS:CANCELLED" in client.get(f"{page}.ics").text
    assert client.post(f"{page}/cancel").status_code == 409


def test_nobody_elses_appointment_is_there(client, owner, ask, customer):
    other = ask(customer("李敏", "13912345678"))

    for path in ("", "/move", ".ics"):
        assert client.get(f"{MINE}/{other.id}{path}").status_code == 404
    assert client.post(f"{MINE}/{other.id}/cancel").status_code == 404
    assert queries.appointment(other.id, EVERYTHING).state == "asked"


def test_staff_see_the_week_and_lead_an_appointment_to_its_end(client, acting, desk, ask, customer, clock):
    made = ask(customer())
    acting(desk)
    page = f"/staff/appointments/{made.id}"
    assert "王建国" in client.get("/staff/appointments").text
    assert "标记为爽约" not in client.get(page).text

    clock.set(at(FRIDAY, 9) + timedelta(minutes=20))
    assert "标记为爽约" in client.get(page).text
    for to in ("confirmed", "arrived", "kept"):
        assert client.post(f"{page}/step", data={"to": to}).status_code == 303

    assert client.post(f"{page}/step", data={"to": "missed"}).status_code == 409
    assert client.post(f"{page}/cancel").status_code == 409
    assert "已完成" in client.get(page).text or "已履约" in client.get(page).text


def test_staff_make_and_move_one(client, acting, desk, customer, store):
    who = customer()
    acting(desk)
    sent = {"customer": who, "starts": at(FRIDAY, 9).isoformat(), "topic": "tyres", "key": "k"}

    made = client.post(f"/staff/appointments/new?store={store}&day={FRIDAY}", data=sent)
    moved = client.post(f"{made.location}/move", data={"starts": at(SATURDAY, 10).isoformat()})

    (one,) = queries.of_customer(who, EVERYTHING)
    assert (made.status_code, moved.status_code) == (303, 303)
    assert (one.state, one.starts_at, one.topic) == ("confirmed", at(SATURDAY, 10), "tyres")
    assert f"/staff/appointments/{one.id}" in client.get(f"/staff/customers/{who}").text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_open_in_both_languages(client, acting, desk, ask, customer, language):
    who = customer()
    made = ask(who)
    head = {"Accept-Language": language}
    staff = [f"/staff/appointments/{made.id}{end}" for end in ("", "/move")]
    acting(desk)
    for path in ("/staff/appointments", f"/staff/appointments/new?customer={who}", *staff):
        assert client.get(path, headers=head).status_code == 200
    acting(owner_of(who))
    for path in (MINE, f"{MINE}/new", f"{MINE}/{made.id}", f"{MINE}/{made.id}/move"):
        assert client.get(path, headers=head).status_code == 200


def test_programs_see_times_make_move_and_end_one(client, acting, desk, customer):
    who = customer()
    acting(desk)
    slots = client.get(f"{API}/slots?store=CD01&day={FRIDAY}").json["items"]
    number = customer_number(who)
    body = {"customer": number, "store": "CD01", "starts_at": slots[0]["starts_at"], "topic": "repair", "key": "p-1"}

    made = client.post(API, json=body)
    one = made.json["appointment"]
    moved = client.post(f"{API}/{one['id']}:move", json={"starts_at": slots[1]["starts_at"]})
    stepped = client.post(f"{API}/{one['id']}:step", json={"to": "arrived"})
    refused = client.post(f"{API}/{one['id']}:cancel")

    assert (made.status_code, one["state"], slots[0]["left"]) == (201, "confirmed", 3)
    assert moved.json["appointment"]["starts_at"] == slots[1]["starts_at"]
    assert stepped.json["appointment"]["state"] == "arrived"
    assert (refused.status_code, refused.json["code"]) == (409, "appointments.over")
    listed = client.get(f"{API}?since={FRIDAY}&until={FRIDAY}&customer={number}").json
    assert [item["id"] for item in listed["items"]] == [one["id"]]
    assert client.get(f"{API}/{one['id']}").json["appointment"]["customer"] == number
