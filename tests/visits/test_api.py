"""Follow-up plans as programs read and stop them."""

from datetime import date

import pytest

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import Actor
from tests.visits.conftest import plans

VISITS = "/api/v1/visits"


@pytest.fixture
def program(app, client, store, monkeypatch):
    """A program of the store that may read and stop plans."""
    actor = Actor("client", 7, "core link", dict.fromkeys(("tasks.read", "tasks.work"), frozenset({store})))
    monkeypatch.setitem(app.extensions, "loyalty.actor_loaders", {"/api/": lambda: actor})
    return client


def test_a_plan_is_listed_read_and_stopped_once(program, deliver, agent, night):
    customer_id = deliver()
    night(date(2026, 3, 13))
    at = plans()[0].id

    listed = program.get(f"{VISITS}?state=active&customer={customer_number(customer_id)}").json
    assert [one["id"] for one in listed["items"]] == [at]
    one = program.get(f"{VISITS}/{at}").json
    assert (one["trigger"], one["day"], one["store"]) == ("delivery", "2026-03-10", "CD01")
    assert [step["state"] for step in one["steps"]] == ["opened", "opened", "planned", "planned", "planned", "planned"]
    assert (one["steps"][0]["channel"], one["steps"][0]["message"]["state"]) == ("best", "due")

    stopped = [program.post(f"{VISITS}/{at}:stop", headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [(answer.status_code, answer.json["state"]) for answer in stopped] == [(200, "stopped"), (200, "stopped")]
    assert program.get(f"{VISITS}/{at}").json["steps"][0]["message"]["state"] == "cancelled"
    again = program.post(f"{VISITS}/{at}:stop")
    assert (again.status_code, again.json["code"]) == (409, "visits.ended")


def test_what_is_not_there_and_what_is_malformed_are_refused(program, store):
    assert program.get(f"{VISITS}/1").status_code == 404
    assert program.get(f"{VISITS}?state=odd").status_code == 422
    assert program.get(f"{VISITS}?customer=K-1").json["items"] == []
