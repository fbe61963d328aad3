"""Awards that need no thought are booked straight from their rows: to the same books as by the rules."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.points import queries, service
from loyalty.points.service import awards

MEMBERS = 3
BOOKS = text("""
    SELECT t.kind, t.debit, t.credit, t.points, t.key, t.part, t.source_kind, t.source_id, t.source_number, t.store_id,
        t.occurred_at, t.booked_at, t.business_day, t.policy_version_id, t.reason, t.actor_kind, t.actor_name,
        (SELECT jsonb_agg(jsonb_build_array(p.number, p.place, p.store_id, p.points) ORDER BY p.number)
         FROM ledger_postings AS p WHERE p.customer_id = t.customer_id AND p.transaction_id = t.id) AS postings,
        (SELECT jsonb_agg(jsonb_build_array(l.points, l.remaining, l.state, l.earned_at, l.available_from, l.expires_at,
            l.unit_cost_micro, l.funding_store_id)) FROM points_lots AS l
         WHERE l.customer_id = t.customer_id AND l.transaction_id = t.id) AS lots,
        a.unit, a.available, a.pending, a.held, a.debt
    FROM ledger_transactions AS t JOIN points_accounts AS a ON a.customer_id = t.customer_id AND a.id = t.account_id
    WHERE t.customer_id = :customer_id ORDER BY t.account_id, t.id
""")

# What each key stands for, and which keys come in which batch; the same key again means the same award.
Papers = st.lists(
    st.fixed_dictionaries(
        {
            "member": st.integers(0, MEMBERS - 1),
            "points": st.integers(1, 50),
            "unit": st.sampled_from(["points", "points", "growth"]),
            "starts": st.sampled_from([None, None, -1, 0, 5]),
            "ends": st.sampled_from([None, 30]),
            "unit_cost_micro": st.sampled_from([None, 700]),
        }
    ),
    min_size=8,
    max_size=8,
)
Batches = st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=8), min_size=1, max_size=3)
Debts = st.lists(st.integers(0, 30), min_size=MEMBERS, max_size=MEMBERS)


@pytest.fixture
def by_rules(monkeypatch):
    """Leave all awards to the rules while it is on."""
    plain = awards._book_plain

    def switch(*, on):
        monkeypatch.setattr(awards, "_book_plain", (lambda *_, **__: set()) if on else plain)

    return switch


def books(members):
    return [[tuple(row) for row in db.session.execute(BOOKS, {"customer_id": at})] for at in members]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(papers=Papers, batches=Batches, debts=Debts)
def test_the_books_are_those_of_the_rules(desk, make_members, clock, by_rules, papers, batches, debts):
    sides = {"plain": make_members(MEMBERS), "ruled": make_members(MEMBERS)}
    told = {}

    for side, members in sides.items():
        by_rules(on=side == "ruled")
        for at, points in zip(members, debts, strict=True):
            if points:
                desk.calls = 0
                desk.take(at, points, sale=90, key="debt")
        told[side] = []
        for keys in batches:
            asked = [award_of(desk, members, key, **papers[key]) for key in keys]
            effects = service.award(asked, now=clock.now, by=SYSTEM)
            told[side].append([(one.kind, one.sentence, one.numbers) for one in effects])

    assert books(sides["plain"]) == books(sides["ruled"])
    assert told["plain"] == told["ruled"]
    assert queries.audit() == []


def award_of(desk, members, key, *, member, **more):
    return desk.award_of(members[member], more.pop("points"), sale=key + 1, key=f"sale {key}", **more)


def test_usual_awards_never_reach_the_rules_and_those_who_owe_do(desk, make_members, clock, monkeypatch):
    usual, owing = make_members(2)
    desk.take(owing, 5, sale=1)
    ruled = []
    by_rules = awards._book_by_rules
    monkeypatch.setattr(
        awards, "_book_by_rules", lambda asked, *more, **by: ruled.extend(asked) or by_rules(asked, *more, **by)
    )

    service.award([desk.award_of(usual, 10), desk.award_of(owing, 20)], now=clock.now, by=SYSTEM)

    assert [one.customer_id for one in ruled] == [owing]
    assert (desk.figures(usual), desk.figures(owing)) == ((10, 0, 0, 0), (15, 0, 0, 0))
