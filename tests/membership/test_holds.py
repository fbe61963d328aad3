"""Points reserved by programs for a use that is decided later."""

from datetime import timedelta

import pytest

from loyalty.membership import queries
from loyalty.points.queries import audit, balance


@pytest.fixture
def program(client, acting, agent):
    acting(agent)
    return client


@pytest.fixture
def url(member):
    return f"/api/v1/members/{member.number}/holds"


def stands(member, clock):
    told = balance(member.customer_id, now=clock.now)
    return told.available, told.held


def test_points_are_reserved_then_redeemed_and_the_rest_is_free(program, url, member, clock):
    held = program.post(url, json={"points": 500, "document": "R-90001"})
    listed = program.get(url).json["items"]
    taken = program.post(f"{url}/{held.json['key']}:capture", json={"points": 320})

    assert (held.status_code, held.json["balance"]["held"]) == (200, 500)
    assert [(one["key"], one["points"], one["document"]) for one in listed] == [(held.json["key"], 500, "R-90001")]
    assert taken.json["balance"] == {"available": 8100, "pending": 0, "held": 0, "debt": 0}
    assert (program.get(url).json["items"], audit(member.customer_id)) == ([], [])


def test_a_hold_is_given_up(program, url, member, clock):
    key = program.post(url, json={"points": 500}).json["key"]

    tried = program.post(f"{url}/{key}:release", json={"dry_run": True})
    before = stands(member, clock)
    done = program.post(f"{url}/{key}:release", json={})
    again = program.post(f"{url}/{key}:release", json={})

    assert (tried.json["balance"]["held"], before) == (0, (7920, 500))
    assert (done.json["points"], stands(member, clock)) == (500, (8420, 0))
    assert (again.status_code, again.json["code"]) == (409, "points.hold_closed")


def test_reserved_points_are_not_redeemed_by_others(program, url, member, clock):
    program.post(url, json={"points": 8000})

    answer = program.post(f"/api/v1/members/{member.number}/redemptions", json={"points": 421})

    assert (answer.status_code, answer.json["details"]) == (409, {"available": 420, "asked": 421})
    assert stands(member, clock) == (420, 8000)


def test_the_same_key_reserves_once(program, url, member, clock):
    answers = [program.post(url, json={"points": 500}, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert stands(member, clock) == (7920, 500)


@pytest.mark.parametrize("wrong", [{"points": 0}, {"points": 1.5}, {"until": "2026-03-12T06:08:00Z"}, {"more": 1}])
def test_what_cannot_be_reserved_is_malformed(program, url, member, clock, wrong):
    answer = program.post(url, json={"points": 500} | wrong)

    assert (answer.status_code, stands(member, clock)) == (422, (8420, 0))


def test_more_than_is_reserved_is_not_redeemed(program, url, member, clock):
    key = program.post(url, json={"points": 500}).json["key"]

    above = program.post(f"{url}/{key}:capture", json={"points": 501})
    missing = program.post(f"{url}/nowhere:capture", json={"points": 1})

    assert (above.status_code, missing.status_code, stands(member, clock)) == (409, 404, (7920, 500))


def test_the_member_s_page_shows_what_is_reserved(desk, url, member, clock):
    until = clock.now + timedelta(days=2)
    desk.post(url, json={"points": 500, "document": "R-90001", "until": until.isoformat()})

    page = desk.get(f"/staff/members/{member.number}")

    assert ("R-90001" in page.text, len(queries.holds(member.customer_id))) == (True, 1)
