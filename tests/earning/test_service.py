from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from loyalty.earning import queries
from loyalty.earning.models import AwardLine
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.points.service import set_earning_class
from loyalty.programme.models import PolicyVersion
from loyalty.programme.queries import forget_timetable, last_number
from loyalty.programme.rules import sha256_of
from loyalty.sales.rules import VehicleFact
from tests.earning.counter import EARNING, line

TIERED = {"code": "tier", "by": "tier", "levels": {"gold": "1.5"}}
VISIT = {"code": "visit", "per": "visit", "points": 50}
GROWTH = {"code": "grow", "unit": "growth", "per": "amount", "points": 1, "each": {"minor": 1_000, "currency": "CNY"}}
DELIVERY = {"code": "hand-over", "per": "event", "event": "delivery", "points": 1_000}


def count_lines():
    return db.session.scalar(select(func.count()).select_from(AwardLine))


def test_a_sale_gives_a_member_its_points(shop):
    (member,) = shop.members("K1")

    effects = shop.sell("S1", gross=2_999)

    assert shop.points(member) == 29
    assert [one.kind for one in effects if one.kind.startswith("points")] == ["points.earn"]


def test_who_is_no_member_earns_nothing_and_nothing_is_written(shop):
    (customer,) = shop.customers("K1")

    shop.sell("S1")

    assert shop.points(customer) == 0
    assert count_lines() == 0


def test_the_same_sale_again_earns_nothing_more(shop):
    (member,) = shop.members("K1")
    shop.sell("S1")

    shop.sell("S1")

    assert shop.points(member) == 100
    assert count_lines() == 1


def test_without_rules_nothing_is_earned(counter):
    (member,) = counter.members("K1")

    counter.sell("S1")

    assert counter.points(member) == 0


def test_a_sale_before_the_first_rules_earns_nothing(shop):
    (member,) = shop.members("K1")

    shop.sell("S1", day="2019-12-31")
    shop.sell("S2", day="2020-01-01")

    assert shop.points(member) == 100


def test_a_correction_books_the_difference_alone(shop):
    (member,) = shop.members("K1")
    shop.sell("S1")

    shop.correct("S1", gross=15_000)
    more = shop.points(member)
    shop.correct("S1", gross=4_000)

    assert (more, shop.points(member)) == (150, 40)


def test_a_correction_to_nothing_takes_all_and_back_again_gives_all(shop):
    (member,) = shop.members("K1")
    shop.sell("S1")

    shop.correct("S1", gross=0)
    nothing = shop.points(member)
    shop.correct("S1", gross=10_000)

    assert (nothing, shop.points(member)) == (0, 100)


def test_a_correction_to_another_customer_moves_the_points(shop):
    first, second = shop.members("K1", "K2")
    shop.sell("S1")

    shop.correct("S1", customer="K2", gross=12_000)

    assert (shop.points(first), shop.points(second)) == (0, 120)


def test_a_correction_follows_the_tier_of_the_booking(counter):
    counter.load(earning=EARNING | {"multipliers": [TIERED]})
    (member,) = counter.members("K1")
    counter.sell("S1")
    set_earning_class({member: "gold"}, now=counter.clock.now, by=SYSTEM)

    counter.correct("S1", gross=20_000)
    counter.sell("S2")

    assert counter.points(member) == 200 + 150


def test_a_correction_follows_the_version_of_the_booking(shop, clock):
    (member,) = shop.members("K1")
    shop.sell("S1")
    twice = EARNING | {"rules": [EARNING["rules"][0] | {"points": 2}]}
    activate_now("earning", twice, clock)

    shop.correct("S1", gross=20_000)
    corrected = shop.points(member)
    shop.sell("S2", day=clock.now.date().isoformat())

    assert corrected == 200
    assert shop.points(member) == 200 + 200


def activate_now(kind, body, clock):
    """Put a version in force from now on, as two people would."""

    db.session.add(
        PolicyVersion(
            kind=kind,
            number=last_number(kind) + 1,
            body=body,
            sha256=sha256_of(body),
            state="active",
            effective_from=clock.now - timedelta(days=1),
            loaded_from=b"test",
            created_at=clock.now,
            activated_at=clock.now,
        )
    )
    db.session.commit()
    forget_timetable()


def test_a_refund_takes_the_share_of_its_line(shop):
    (member,) = shop.members("K1")
    shop.sell("S1", line(1, 10_000), line(2, 5_000))

    shop.refund("S1", {2: 2_500})

    assert shop.points(member) == 150 - 25


def test_the_refund_of_all_takes_all(shop):
    (member,) = shop.members("K1")
    shop.sell("S1", line(1, 3_333), line(2, 3_333), line(3, 3_333))

    shop.refund("S1", {1: 1_111})
    shop.refund("S1")

    assert shop.points(member) == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.integers(1, 30_000), min_size=1, max_size=3),
    cuts=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30_000)), max_size=4),
)
def test_part_refunds_come_to_one_full_refund(shop, amounts, cuts):
    (member,) = shop.members("K1")
    before = shop.points(member)
    shop.refunds += 1
    number = f"S{shop.refunds}"
    shop.sell(number, *(line(place, gross) for place, gross in enumerate(amounts, 1)))
    left = dict(enumerate(amounts, 1))

    for place, asked in cuts:
        back = min(asked, left.get(place + 1, 0))
        if back:
            shop.refund(number, {place + 1: back})
            left[place + 1] -= back
    if any(left.values()):
        shop.refund(number)

    assert shop.points(member) == before


def test_a_correction_after_a_refund_keeps_what_was_refunded(shop):
    (member,) = shop.members("K1")
    shop.sell("S1", gross=10_000)
    shop.refund("S1", {1: 5_000})

    shop.correct("S1", gross=20_000)
    corrected = shop.points(member)
    shop.refund("S1")

    assert (corrected, shop.points(member)) == (150, 0)


def test_points_and_growth_are_given_and_taken_apart(counter):
    counter.load(earning=EARNING | {"rules": [*EARNING["rules"], GROWTH]})
    (member,) = counter.members("K1")

    counter.sell("S1")
    given = (counter.points(member), counter.points(member, "growth"))
    counter.refund("S1", {1: 5_000})

    assert given == (100, 10)
    assert (counter.points(member), counter.points(member, "growth")) == (50, 5)


def test_visits_are_counted_once_a_day_in_one_batch_and_over_several(counter):
    counter.load(earning={"rules": [VISIT], "rounding": "floor"})
    (member,) = counter.members("K1")

    counter.record(counter.fact("S1"), counter.fact("S2"), counter.fact("S3", day="2026-03-09"))
    counter.sell("S4")

    assert counter.points(member) == 100


def test_a_corrected_visit_is_not_in_its_own_way(counter):
    counter.load(earning={"rules": [VISIT], "rounding": "floor"})
    (member,) = counter.members("K1")
    counter.sell("S1")

    counter.correct("S1", gross=20_000)

    assert counter.points(member) == 50


def test_points_wait_for_the_days_that_the_rules_state(counter):
    counter.load(earning=EARNING | {"pending_days": 7})
    (member,) = counter.members("K1")

    effects = counter.sell("S1", day="2026-03-12")

    assert "points.earn_pending" in [one.kind for one in effects]
    assert counter.points(member) == 100


@pytest.mark.parametrize(("kind", "expected"), [("vehicle", 1_000), ("service", 0)])
def test_the_delivery_of_a_vehicle_is_rewarded_and_goes_back_with_it(counter, kind, expected):

    counter.load(earning={"rules": [DELIVERY | {"kinds": ["vehicle"]}], "rounding": "floor"})
    (member,) = counter.members("K1")
    vehicle = VehicleFact("LSVAA4182E2123456")

    fact = counter.fact("S1", kind=kind, vehicle=vehicle, delivered=counter.fact("x").occurred)
    counter.record(fact)
    delivered = counter.points(member)
    counter.refund("S1")

    assert (delivered, counter.points(member)) == (expected, 0)


def test_every_row_explains_itself(shop):
    (member,) = shop.members("K1")
    shop.sell("S1", line(1, 10_000), line(2, 5_000))
    shop.refund("S1", {2: 5_000})

    told = queries.explain_sale(member, shop.sale_id("S1"))

    assert [(one.line, one.points) for one in told] == [(1, 100), (2, 50), (2, -50)]
    assert told[0].sentence.format(**told[0].numbers) == "Line 1: 100 by rule base, version 1."


def test_the_number_of_statements_does_not_grow_with_the_batch(shop):
    numbers = [f"K{index}" for index in range(60)]
    shop.members(*numbers)

    def statements(facts):
        seen = []

        def note(*_):
            seen.append(1)

        event.listen(db.engine, "before_cursor_execute", note)
        shop.record(*facts)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    statements([shop.fact("W1", customer="K0")])
    one = statements([shop.fact("A1", customer="K1")])
    many = statements([shop.fact(f"B{number}", customer=number) for number in numbers])

    assert many <= one + 2
