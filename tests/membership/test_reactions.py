"""Buyers become members by their first sale, where the dealer says so."""

from datetime import date

import pytest

from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.membership import queries, service
from loyalty.membership.rules import Newcomer, number_of
from loyalty.points.queries import balance
from loyalty.programme.service import load_file
from loyalty.sales.service import record_sales
from tests.membership.conftest import EARNING, programme
from tests.sales.conftest import a_line, a_sale


@pytest.fixture
def sell(store, clock):
    """Record sales; return the effects of each."""

    def sold(*facts, mode="create"):
        outcomes = record_sales(facts, mode=mode, now=clock.now, by=SYSTEM)
        assert all(outcome.problem is None for outcome in outcomes)
        return [[effect.kind for effect in outcome.effects] for outcome in outcomes]

    return sold


def members():
    return {row.customer_id: row for row in queries.listed(queries.Filter(), EVERYTHING).items}


def test_the_first_sale_makes_a_member_who_earns_on_it_at_once(rules, sell, clock):
    (effects,) = sell(a_sale("S-1", a_line(gross=48_600)))

    ((customer_id, row),) = members().items()
    assert effects[0] == "membership.enrolled"
    assert row.joined_day == date(2026, 3, 10)
    assert balance(customer_id, now=clock.now).available == 486


def test_the_second_sale_enrols_nobody(rules, sell):
    sell(a_sale("S-1"))

    (effects,) = sell(a_sale("S-2", occurred=date(2026, 3, 11)))

    assert "membership.enrolled" not in effects
    assert len(members()) == 1


def test_of_several_first_sales_the_earliest_counts(rules, sell):
    sell(a_sale("S-2", occurred=date(2026, 3, 9)), a_sale("S-1", occurred=date(2026, 2, 1)))

    assert [row.joined_day for row in members().values()] == [date(2026, 2, 1)]


def test_by_hand_means_by_hand(db_session, store, sell, clock):
    load_file(programme(membership={"enrol": "by_hand"}), now=clock.now, by=SYSTEM)

    sell(a_sale("S-1"))

    assert members() == {}


def test_without_a_policy_nobody_is_enrolled(db_session, store, sell, clock):
    load_file(programme(membership=None), now=clock.now, by=SYSTEM)

    sell(a_sale("S-1"))

    assert members() == {}


def test_who_left_is_not_enrolled_by_a_sale(rules, sell, clock):
    sell(a_sale("S-1"))
    (customer_id,) = members()
    service.close(number_of(customer_id), "搬家", scope=EVERYTHING, now=clock.now, by=SYSTEM)

    sell(a_sale("S-2", occurred=date(2026, 3, 11)))

    assert members()[customer_id].state == "closed"


def test_a_sale_corrected_to_another_customer_enrols_that_one(rules, sell):
    sell(a_sale("S-1", customer="K-1"))

    sell(a_sale("S-1", customer="K-2", name="李梅"), mode="correct")

    assert len(members()) == 2


def test_many_buyers_cost_as_many_statements_as_few(rules, sell, statements):
    sell(a_sale("S-0", customer="K-0"))
    with statements() as few:
        sell(*(a_sale(f"A-{n}", customer=f"A-{n}") for n in range(2)))
    with statements() as many:
        sell(*(a_sale(f"B-{n}", customer=f"B-{n}") for n in range(60)))

    assert len(members()) == 50  # a page of them
    assert len(many) <= len(few) + 2


@pytest.fixture
def closed(rules, sell, clock):
    """Somebody who bought for 486 yuan, then left."""
    sell(a_sale("S-1", a_line(gross=48_600)))
    ((customer_id, row),) = members().items()
    service.close(row.number, "moved away", scope=EVERYTHING, now=clock.now, by=SYSTEM)
    return customer_id


def test_who_left_earns_nothing_on_new_sales(closed, sell, clock):
    (effects,) = sell(a_sale("S-2", a_line(gross=10_000), occurred=date(2026, 3, 11)))

    assert "points.earn" not in effects
    assert balance(closed, now=clock.now).available == 486


def test_who_comes_back_earns_again_from_then_on(closed, sell, store, clock):
    service.enrol_by_hand(Newcomer(closed, store, clock.now, date(2026, 3, 12)), now=clock.now, by=SYSTEM)

    (effects,) = sell(a_sale("S-2", a_line(gross=10_000), occurred=date(2026, 3, 11)))

    assert "points.earn" in effects
    assert balance(closed, now=clock.now).available == 586


def test_what_was_earned_before_leaving_is_still_corrected(closed, sell, clock):
    sell(a_sale("S-1", a_line(gross=38_600)), mode="correct")

    assert balance(closed, now=clock.now).available == 386


def test_a_first_sale_is_multiplied_by_the_level_before_it_as_any_other_is(db_session, store, sell, clock):
    by_tier = {**EARNING, "multipliers": [{"code": "tier", "by": "tier", "levels": {"silver": "2"}}]}
    load_file(programme(earning=by_tier), now=clock.now, by=SYSTEM)

    (effects,) = sell(a_sale("S-1", a_line(gross=400_000)))
    (customer_id,) = members()
    first = balance(customer_id, now=clock.now).available
    sell(a_sale("S-2", a_line(gross=100_000), occurred=date(2026, 3, 10)))

    assert (effects[-1], first) == ("tiers.risen", 4_000)
    assert balance(customer_id, now=clock.now).available == 4_000 + 2 * 1_000


def test_what_was_bought_before_counts_for_whom_an_announced_sale_enrols(db_session, store, sell, clock):
    sell(a_sale("S-1", a_line(gross=250_000), occurred=date(2026, 3, 1)))  # when there was no programme yet
    load_file(programme(), now=clock.now, by=SYSTEM)

    (effects,) = sell(a_sale("S-2", a_line(gross=60_000)))

    assert effects == ["membership.enrolled", "tiers.risen", "points.earn"]
