"""Limits over several rows hold when two ask at once: refunds of one sale, uses of several lots.

A short run belongs to every test run; LOYALTY_STORM=long takes 1,000 pairs each.
"""

import os
from concurrent.futures import ThreadPoolExecutor

LONG = os.environ.get("LOYALTY_STORM") == "long"
PAIRS = 1000 if LONG else 40
PROGRAMS = 8  # four pairs at a time


def both(shop, asks):
    """Send each pair of requests at once; return the pairs of answers."""

    def one(ask):
        path, body, key = ask
        return shop.ask("POST", path, body, key=key)

    with ThreadPoolExecutor(PROGRAMS) as programs:
        answers = list(programs.map(one, [ask for pair in asks for ask in pair]))
    return list(zip(answers[::2], answers[1::2], strict=True))


def test_two_refunds_of_more_than_half_never_give_back_more_than_was_sold(shop):
    for at in range(PAIRS):
        shop.insist("POST", "/api/v1/sales", shop.sale(f"pair-{at}", f"pair-{at % 20}", yuan=10))

    def refund(at, name):
        body = {
            "number": f"pair-{at}-{name}",
            "occurred_at": "2026-03-11T10:00:00+08:00",
            "lines": [{"number": 1, "amount": {"minor": 600, "currency": "CNY"}}],
        }
        return f"/api/v1/sales/core/pair-{at}/refunds", body, None

    answers = both(shop, [(refund(at, "a"), refund(at, "b")) for at in range(PAIRS)])

    assert {tuple(sorted(status for status, _ in pair)) for pair in answers} == {(201, 409)}
    over = shop.rows("""
        SELECT s.number FROM sales s
        JOIN refunds r ON r.customer_id = s.customer_id AND r.sale_id = s.id
        JOIN refund_lines l ON l.customer_id = r.customer_id AND l.refund_id = r.id
        WHERE s.number LIKE 'pair-%' GROUP BY s.number, s.gross_minor HAVING sum(l.gross_minor) > s.gross_minor
    """)
    assert over == []
    assert shop.books_are_clean()


def test_two_uses_of_several_lots_never_take_more_than_there_is(shop):
    members = [shop.member(f"lots-{at}", 10) for at in range(min(PAIRS, 20))]
    for at, _ in enumerate(members):
        shop.insist("POST", "/api/v1/sales", shop.sale(f"second of {at}", f"lots-{at}", yuan=10))

    def use(at, name):
        return f"/api/v1/members/{members[at % len(members)]}/redemptions", {"points": 15}, f"use-{at}-{name}"

    answers = both(shop, [(use(at, "a"), use(at, "b")) for at in range(PAIRS)])

    taken = sum(status == 200 for pair in answers for status, _ in pair)
    assert taken == len(members)
    assert {body["code"] for pair in answers for status, body in pair if status != 200} == {"points.not_enough"}
    assert shop.books_are_clean()
