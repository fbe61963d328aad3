"""Many redemptions at once over HTTP, by programs that know nothing of each other: nobody is overdrawn.

A short run belongs to every test run; LOYALTY_STORM=long takes 10,000.
"""

import http.client
import json
import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.membership import queries
from loyalty.points.queries import audit, balances
from loyalty.staff.service import create_api_client

LONG = os.environ.get("LOYALTY_STORM") == "long"
ASKS = 10_000 if LONG else 1_000
CROWD = 50
CLIENTS = 8
EACH = 10
HOT_SHARE = 2  # every second ask goes to the hot member

pytestmark = pytest.mark.timeout(1200 if LONG else 120)


class Caller(threading.local):
    """One kept connection for each thread."""

    connection = None


def ask(server, caller, token, number, points):
    """Redeem; return status and body."""
    if caller.connection is None:
        parts = urlsplit(server.url)
        caller.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"points": points})
    caller.connection.request("POST", f"/api/v1/members/{number}/redemptions", body, headers)
    answer = caller.connection.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.fixture
def program_token(store, clock):
    permissions = ["points.redeem"]
    _, token = create_api_client(name="counter", permissions=permissions, store_ids=[store], now=clock.now, by=SYSTEM)
    return token


def test_concurrent_redemptions_never_overdraw(live_server, make_member, program_token, clock, committed, figure):
    hot_asks = ASKS // HOT_SHARE
    crowd_asks = (ASKS - hot_asks) // CROWD
    hot = make_member("热门", points=hot_asks * EACH * 3 // 4)  # a quarter must be refused
    crowd = [make_member(f"会员{n}", points=crowd_asks * EACH // 2 + 5) for n in range(CROWD)]  # a half, and 5 left
    committed.commit()
    caller = Caller()
    asks = [hot] * hot_asks + [one for one in crowd for _ in range(crowd_asks)]
    asks = [asks[(place * 7919) % len(asks)] for place in range(len(asks))]  # well mixed, and always the same

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda one: ask(live_server, caller, program_token, one.number, EACH), asks))

    given = {(status, body.get("code")) for status, body in answers}
    assert given == {(200, None), (409, "points.not_enough")}
    taken = {}
    for one, (status, _) in zip(asks, answers, strict=True):
        if status == 200:
            taken[one.customer_id] = taken.get(one.customer_id, 0) + EACH
    left = balances([one.customer_id for one in (hot, *crowd)], now=clock.now)
    named = f"{ASKS:,} redemptions of {CROWD} members and a hot one"
    figure(named, "done", sum(taken.values()) // EACH, hot_asks * 3 // 4 + CROWD * (crowd_asks // 2))
    figure(named, "members overdrawn", sum(one.available < 0 for one in left.values()), 0)
    assert taken[hot.customer_id] == hot_asks * EACH * 3 // 4
    assert left[hot.customer_id].available == 0
    for one in crowd:
        assert (taken[one.customer_id], left[one.customer_id].available) == (crowd_asks * EACH // 2, 5)
    assert audit() == []


def test_without_locks_redemptions_trip_over_each_other_and_the_database_refuses_an_overdraft(
    live_server, make_member, program_token, clock, committed, monkeypatch, figure
):
    """The negative control: with a pause behind each look at the account, only the locks keep clients apart."""
    definition = committed.scalar(text("SELECT pg_get_functiondef('points_open'::regproc)"))
    assert "FOR NO KEY UPDATE OF a" in definition
    body, end, rest = definition.rpartition("END")
    paused = f"{body}PERFORM pg_sleep(0.05); {end}{rest}"

    def asked(function):
        """Let all clients ask at once for more than there is; return how often each status came, and what is left."""
        committed.execute(text(function.replace(":", r"\:")))
        committed.commit()
        member, caller = make_member("热门", points=3 * EACH), Caller()
        with ThreadPoolExecutor(CLIENTS) as pool:
            asks = pool.map(lambda _: ask(live_server, caller, program_token, member.number, EACH), range(4 * CLIENTS))
            statuses = Counter(status for status, _ in asks)
        return statuses, balances([member.customer_id], now=clock.now)[member.customer_id].available

    assert asked(paused) == ({200: 3, 409: 4 * CLIENTS - 3}, 0)

    monkeypatch.setattr(queries, "lock_member", queries.member)
    statuses, left = asked(paused.replace("FOR NO KEY UPDATE OF a", ""))
    tripped = sum(times for status, times in statuses.items() if status not in {200, 409})
    figure("the same without locks", "broken off by the database", tripped, "above 0")
    assert tripped
    assert left >= 0
