"""A storm of keys: the same body, another body, cut lines and killed web processes make one effect and stick nowhere.

A short run belongs to every test run; LOYALTY_STORM=long takes 500 keys, 20 requests each.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

LONG = os.environ.get("LOYALTY_STORM") == "long"
KEYS = 500 if LONG else 20
EACH = 20
PROGRAMS = 16
POINTS = 3
CUT, OTHER = 3, 4  # of each five requests: the one whose line is cut, and the one with another body


@pytest.fixture(scope="module")
def member(shop):
    """The number of a member who could pay for every request that there is."""
    return shop.member("keys", KEYS * EACH * POINTS * 2)


def redeemed(shop):
    """Return how many redemptions of the member the ledger has, and how many points they took."""
    return shop.rows("""
        SELECT count(DISTINCT (t.customer_id, t.id)), coalesce(-sum(p.points), 0)::int FROM ledger_transactions t
        JOIN ledger_postings p ON p.customer_id = t.customer_id AND p.transaction_id = t.id AND p.place = 'available'
        WHERE t.kind = 'redeem' AND t.customer_id = (SELECT customer_id FROM external_numbers WHERE number = 'keys')
    """)[0]


def asked(shop, path, keys):
    """Return (key, other body?, answer or None if cut) of EACH requests per key at once, and how many kills fell."""
    asks = [(key, turn % 5) for turn in range(EACH) for key in keys]
    first_of = {key: threading.Event() for key in keys}
    over = threading.Event()
    kills = []

    def kill():
        while not over.wait(0.5):
            kills.append(shop.kill_a_web_process())

    def one(ask):
        key, turn = ask
        if turn == CUT:
            shop.ask_and_cut(path, {"points": POINTS}, key=key)
            return key, False, None
        other = turn == OTHER
        if other:
            assert first_of[key].wait(60)  # so that the key stands for the other body, whoever was killed meanwhile
        answer = shop.insist("POST", path, {"points": POINTS + other}, key=key, done=(200, 422))
        first_of[key].set()
        return key, other, answer

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(PROGRAMS) as programs:
            return list(programs.map(one, asks)), sum(kills)
    finally:
        over.set()
        killer.join()


def test_each_key_has_one_effect_and_none_is_stuck(shop, member, figure):
    path = f"/api/v1/members/{member}/redemptions"
    keys = [f"storm-{at:04d}" for at in range(KEYS)]
    before = redeemed(shop)

    answers, kills = asked(shop, path, keys)

    told = {}
    for key, other, answer in answers:
        if answer is not None:
            told.setdefault((key, other), []).append(answer)
    named = f"{KEYS} keys, each {EACH} times"
    figure(named, "web processes killed", kills)
    figure(named, "replies cut off", sum(answer is None for _, _, answer in answers))
    effects, points = (now - then for now, then in zip(redeemed(shop), before, strict=True))
    figure(named, "effects", effects, KEYS)
    figure(named, "keys stuck", KEYS - len({key for key, other in told if not other}), 0)
    for key in keys:
        first, *others = told[key, False]
        assert first[0] == 200
        assert all(answer == first for answer in others)
        assert all((status, body["code"]) == (422, "key_reused") for status, body in told[key, True])
    assert (effects, points) == (KEYS, KEYS * POINTS)
    assert all(shop.insist("POST", path, {"points": POINTS}, key=key) == told[key, False][0] for key in keys)
    assert shop.books_are_clean()


def test_without_a_key_each_request_counts(shop, member, figure):
    """The negative control: the key, and nothing else, makes one effect of many requests."""
    path = f"/api/v1/members/{member}/redemptions"
    count, points = redeemed(shop)

    with ThreadPoolExecutor(PROGRAMS) as programs:
        list(programs.map(lambda _: shop.insist("POST", path, {"points": POINTS}), range(EACH)))

    figure("the same without a key", f"effects of {EACH} requests", redeemed(shop)[0] - count, EACH)
    assert redeemed(shop) == (count + EACH, points + EACH * POINTS)
