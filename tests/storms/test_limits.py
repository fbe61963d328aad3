"""Limits over several rows hold when two ask at once: refunds of one sale, uses of several lots, returns of one use.

Each pair asks for more than there is left together, so that exactly one of them can be done. A short run belongs to
every test run; LOYALTY_STORM=long takes 1,000 pairs of each.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

LONG = os.environ.get("LOYALTY_STORM") == "long"
PAIRS = 1000 if LONG else 40
PROGRAMS = 8  # four pairs at a time
ONE_OF_TWO = {(200, 409), (201, 409)}


def both(shop, asks):
    """Send each pair of requests at once; return how often which statuses came back together."""

    def one(ask):
        return shop.ask("POST", *ask[:2], key=ask[2])[0]

    with ThreadPoolExecutor(PROGRAMS) as programs:
        answers = list(programs.map(one, [ask for pair in asks for ask in pair]))
    return Counter(tuple(sorted(pair)) for pair in zip(answers[::2], answers[1::2], strict=True))


def each(shop, prepare, count):
    """Prepare so many things, several at a time; return them."""
    with ThreadPoolExecutor(PROGRAMS) as programs:
        return list(programs.map(prepare, range(count)))


def refunds(shop, name, count):
    """Pairs of refunds, each of 60 % of a sale."""
    each(shop, lambda at: shop.insist("POST", "/api/v1/sales", shop.sale(f"{name}-{at}", f"{name}-{at % 20}")), count)

    def refund(at, which):
        body = {
            "number": f"{name}-{at}-{which}",
            "occurred_at": "2026-03-11T10:00:00+08:00",
            "lines": [{"number": 1, "amount": {"minor": 600, "currency": "CNY"}}],
        }
        return f"/api/v1/sales/core/{name}-{at}/refunds", body, None

    return [(refund(at, "a"), refund(at, "b")) for at in range(count)]


def uses(shop, name, count):
    """Pairs of redemptions, each of three quarters of a member's two lots."""

    def member(at):
        number = shop.member(f"{name}-{at}", 10)
        shop.insist("POST", "/api/v1/sales", shop.sale(f"{name}-{at} again", f"{name}-{at}"))
        return number

    numbers = each(shop, member, count)
    return [
        [(f"/api/v1/members/{number}/redemptions", {"points": 15}, f"{name}-{at}-{which}") for which in "ab"]
        for at, number in enumerate(numbers)
    ]


def returns(shop, name, count):
    """Pairs of returns, each of 60 % of a redemption."""

    def redeemed(at):
        path = f"/api/v1/members/{shop.member(f'{name}-{at}', 10)}/redemptions"
        _, receipt = shop.insist("POST", path, {"points": 10}, key=f"{name}-{at}")
        return f"{path}/{receipt['key']}:return"

    paths, body = each(shop, redeemed, count), {"points": 6, "reason": "cancelled"}
    return [[(path, body, f"{name}-{at}-{which}") for which in "ab"] for at, path in enumerate(paths)]


LIMITS = {"refunds": refunds, "uses": uses, "returns": returns}


@pytest.mark.parametrize("limit", LIMITS)
def test_of_two_who_ask_for_more_than_there_is_one_gets_it(shop, figure, limit):
    met = both(shop, LIMITS[limit](shop, f"pair-{limit}", PAIRS))

    done = sum(times for statuses, times in met.items() if statuses in ONE_OF_TWO)
    figure(f"{PAIRS:,} pairs of {limit}", "one done, one refused", done, PAIRS)
    figure(f"{PAIRS:,} pairs of {limit}", "above the limit", len(over(shop)), 0)
    assert set(met) <= ONE_OF_TWO
    assert over(shop) == []
    assert shop.books_are_clean()


def over(shop):
    """What went above its limit: sales with more refunds than sold, accounts and redemptions below 0."""
    return shop.rows("""
        SELECT 'sale ' || s.number FROM sales s
        JOIN refund_lines l ON l.customer_id = s.customer_id AND l.refund_id IN
            (SELECT r.id FROM refunds r WHERE r.customer_id = s.customer_id AND r.sale_id = s.id)
        GROUP BY s.number, s.gross_minor HAVING sum(l.gross_minor) > s.gross_minor
        UNION ALL
        SELECT 'account ' || customer_id FROM ledger_postings WHERE place = 'available'
        GROUP BY customer_id HAVING sum(points) < 0
    """)
