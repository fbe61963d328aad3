from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning.rules import (
    Buyer,
    Standing,
    parse_earning,
    reckon,
    reckon_event,
    reckon_line,
    reckon_shares,
    refunded_in_all,
    stack,
    take_backs,
    target,
    whole,
)
from loyalty.kernel.errors import Malformed
from loyalty.sales.events import LineFact, RefundedLine, SaleRecorded

BASE = {"code": "base", "per": "amount", "points": "1", "each": {"minor": 100, "currency": "CNY"}}
MEMBER = Buyer()


def line(number, gross, *, net=None, category="labour"):
    net = gross if net is None else net
    return LineFact(number, None, category, Decimal(1), net, gross - net, gross)


def sale(*lines, **changes):
    lines = lines or (line(1, 10_000),)
    return SaleRecorded(
        sale_id=1,
        version=1,
        customer_id=7,
        store_id=3,
        vehicle_id=None,
        source="dms",
        number="S1",
        kind=changes.pop("kind", "service"),
        occurred_at=datetime(2026, 3, 12, 6, 0, tzinfo=UTC),
        business_day=changes.pop("business_day", date(2026, 3, 12)),
        zone="Asia/Shanghai",
        currency=changes.pop("currency", "CNY"),
        net_minor=sum(one.net_minor for one in lines),
        gross_minor=sum(one.gross_minor for one in lines),
        points_paid_minor=changes.pop("paid", 0),
        lines=lines,
    )


def policy(*rules, rounding="floor", **more):
    written = [{**BASE, **rule} for rule in rules] or [BASE]
    per_event = [{name: value for name, value in rule.items() if value is not None} for rule in written]
    return parse_earning({"rules": per_event, "rounding": rounding, **more})


def points(earned):
    return {(one.line, one.unit): one.points for one in earned}


def test_one_point_for_each_whole_unit_of_the_amount():
    assert points(reckon(sale(line(1, 2_933)), policy(), MEMBER)) == {(1, "points"): 29}


@pytest.mark.parametrize(("gross", "expected"), [(99, 0), (100, 1), (199, 1), (200, 2)])
def test_the_total_is_rounded_down_on_both_sides_of_a_unit(gross, expected):
    assert sum(one.points for one in reckon(sale(line(1, gross)), policy(), MEMBER)) == expected


@pytest.mark.parametrize(
    ("rounding", "exact", "expected"),
    [("floor", "5/2", 2), ("half_up", "5/2", 3), ("half_up", "49/20", 2), ("ceil", "41/20", 3), ("ceil", "2", 2)],
)
def test_the_stated_rounding_is_used(rounding, exact, expected):
    assert whole(Fraction(exact), rounding) == expected


def test_the_total_is_rounded_once_and_spread_by_largest_remainder():
    three = sale(line(1, 3_350), line(2, 3_350), line(3, 3_300))

    assert points(reckon(three, policy(), MEMBER)) == {(1, "points"): 34, (2, "points"): 33, (3, "points"): 33}


def test_whole_multiples_count_before_a_factor_raises_them():
    rules = policy(
        {"points": "10", "each": {"minor": 1_000, "currency": "CNY"}, "whole": True},
        multipliers=[{"code": "tier", "by": "tier", "levels": {"gold": "1.5"}}],
    )

    assert points(reckon(sale(line(1, 2_999)), rules, Buyer("gold"))) == {(1, "points"): 30}
    assert points(reckon(sale(line(1, 2_999)), rules, Buyer("silver"))) == {(1, "points"): 20}


@pytest.mark.parametrize(("paid", "expected"), [(0, 100), (1, 99), (5_000, 50), (9_999, 0), (10_000, 0)])
def test_the_part_paid_with_points_earns_nothing(paid, expected):
    assert sum(one.points for one in reckon(sale(paid=paid), policy(), MEMBER)) == expected


def test_a_sale_of_nothing_and_of_another_currency_earn_nothing():
    assert reckon(sale(line(1, 0)), policy(), MEMBER) == []
    assert reckon(sale(currency="USD"), policy(), MEMBER) == []


def test_kinds_categories_and_stores_filter():
    rules = policy({"kinds": ["service"], "categories": ["labour"], "stores": ["A"]})
    mixed = sale(line(1, 10_000), line(2, 5_000, category="parts"))

    assert points(reckon(mixed, rules, MEMBER, store="A")) == {(1, "points"): 100}
    assert reckon(mixed, rules, MEMBER, store="B") == []
    assert reckon(mixed._replace(kind="vehicle"), rules, MEMBER, store="A") == []


@pytest.mark.parametrize(("gross", "expected"), [(4_999, 0), (5_000, 50)])
def test_a_minimum_is_met_at_its_bound(gross, expected):
    assert sum(one.points for one in reckon(sale(line(1, gross)), policy({"minimum_minor": 5_000}), MEMBER)) == expected


def test_net_and_gross_are_different_bases():
    taxed = sale(line(1, 11_300, net=10_000))

    assert points(reckon(taxed, policy({"of": "net"}), MEMBER)) == {(1, "points"): 100}
    assert points(reckon(taxed, policy({"of": "gross"}), MEMBER)) == {(1, "points"): 113}


def test_points_and_growth_are_counted_apart():
    rules = policy({}, {"code": "grow", "unit": "growth", "each": {"minor": 1_000, "currency": "CNY"}})

    assert points(reckon(sale(), rules, MEMBER)) == {(1, "points"): 100, (1, "growth"): 10}


def test_a_visit_counts_once_a_day():
    rules = policy({"code": "visit", "per": "visit", "points": 50, "each": None})

    assert points(reckon(sale(), rules, MEMBER)) == {(1, "points"): 50}
    assert reckon(sale(), rules, MEMBER, visited={"visit"}) == []


def test_a_delivery_is_rewarded_for_the_whole_sale():
    rules = policy({"code": "hand-over", "per": "event", "event": "delivery", "points": 1000, "each": None})

    assert points(reckon_event("delivery", sale(), rules, MEMBER, store=None)) == {(0, "points"): 1000}
    assert reckon(sale(), rules, MEMBER) == []


@pytest.mark.parametrize(("how", "expected"), [("best", "2"), ("multiply", "3"), ("add", "5/2")])
def test_factors_stack_as_stated(how, expected):
    assert stack([Fraction(3, 2), Fraction(2), Fraction(1)], how) == Fraction(expected)


def test_no_factor_is_one():
    assert [stack([], how) for how in ("best", "multiply", "add")] == [1, 1, 1]


def test_stacked_factors_stop_at_the_most():
    twice = {"by": "campaign", "from_day": "2026-03-12", "to_day": "2026-03-12", "factor": 2}
    rules = policy(multipliers=[{**twice, "code": "a"}, {**twice, "code": "b"}], stacking="multiply", most_factor="2.5")

    assert points(reckon(sale(), rules, MEMBER)) == {(1, "points"): 250}


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-02-28", 100), ("2026-03-01", 200), ("2026-03-31", 200), ("2026-04-01", 100)]
)
def test_a_campaign_runs_through_both_its_days(day, expected):
    campaign = {"code": "march", "by": "campaign", "from_day": "2026-03-01", "to_day": "2026-03-31", "factor": "2"}

    earned = reckon(sale(business_day=date.fromisoformat(day)), policy(multipliers=[campaign]), MEMBER)

    assert sum(one.points for one in earned) == expected


def test_the_month_of_the_birthday_multiplies():
    rules = policy(multipliers=[{"code": "birthday", "by": "birthday_month", "factor": "2"}])

    assert points(reckon(sale(), rules, Buyer(birth_month=3))) == {(1, "points"): 200}
    assert points(reckon(sale(), rules, Buyer(birth_month=4))) == {(1, "points"): 100}
    assert points(reckon(sale(), rules, Buyer())) == {(1, "points"): 100}
    # 12 March 2026 is the 24th day of the first lunar month.
    assert points(reckon(sale(), rules, Buyer(birth_month=1, lunar=True))) == {(1, "points"): 200}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rules": []}, "rules"),
        ({"rules": [{**BASE, "points": 0}]}, "rules[0].points"),
        ({"rules": [{**BASE, "points": 1.5}]}, "rules[0].points"),
        ({"rules": [{**BASE, "points": True}]}, "rules[0].points"),
        ({"rules": [{**BASE, "points": "１"}]}, "rules[0].points"),
        ({"rules": [{**BASE, "points": "NaN"}]}, "rules[0].points"),
        ({"rules": [{**BASE, "each": None}]}, "rules[0].each"),
        ({"rules": [{**BASE, "each": {"minor": 0, "currency": "CNY"}}]}, "rules[0].each.minor"),
        ({"rules": [{**BASE, "each": {"minor": 100, "currency": "XXX"}}]}, "rules[0].each.currency"),
        ({"rules": [{**BASE, "kinds": ["boat"]}]}, "rules[0].kinds"),
        ({"rules": [{**BASE, "kinds": []}]}, "rules[0].kinds"),
        ({"rules": [{**BASE, "surprise": 1}]}, "rules[0].surprise"),
        ({"rules": [BASE, BASE]}, "rules[1].code"),
        ({"rounding": "banker"}, "rounding"),
        ({"pending_days": 367}, "pending_days"),
        ({"multipliers": [{"code": "x", "by": "tier"}]}, "multipliers[0].levels"),
        ({"multipliers": [{"code": "x", "by": "tier", "levels": {"gold": "0.5"}}]}, "multipliers[0].levels.gold"),
        ({"multipliers": [{"code": "x", "by": "campaign", "factor": 2}]}, "multipliers[0].to_day"),
        (
            {"multipliers": [{"code": "x", "by": "campaign", "factor": 2, "from_day": "2025-02-29"}]},
            "multipliers[0].from_day",
        ),
        (
            {"multipliers": [{"code": "x", "by": "birthday_month", "factor": 2}] * 2},
            "stacking",
        ),
    ],
)
def test_a_wrong_body_is_refused_with_its_place(change, place):
    with pytest.raises(Malformed) as refused:
        parse_earning({"rules": [BASE], "rounding": "floor", **change})

    assert place in refused.value.errors


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Malformed) as refused:
        parse_earning({"rules": [{"per": "amount"}]})

    assert {"rules[0].points", "rules[0].each", "rules[0].code", "rounding"} <= set(refused.value.errors)


@pytest.mark.parametrize(
    ("refunded", "expected"), [(0, 0), (1, 0), (3_333, 9), (9_999, 28), (10_000, 29), (10_001, 29)]
)
def test_the_target_of_a_refund_is_its_share_rounded_down(refunded, expected):
    assert target(29, refunded, 10_000) == expected


lines = st.lists(st.integers(0, 50_000), min_size=1, max_size=6)


@given(amounts=lines, splits=st.lists(st.floats(0, 1, allow_nan=False), max_size=6))
def test_any_number_of_part_refunds_equals_one_full_refund(amounts, splits):
    whole_sale = sale(*(line(number, gross) for number, gross in enumerate(amounts, 1)))
    standings = [
        Standing(one.rule, one.line, one.unit, one.basis, one.points)
        for one in reckon(whole_sale, policy({"points": "1.7"}), MEMBER)
    ]
    steps = [*sorted(splits), 1.0]
    taken_in_all = 0

    for step in steps:
        so_far = [
            RefundedLine(one.number, Decimal(0), int(one.net_minor * step), int(one.gross_minor * step))
            for one in whole_sale.lines
        ]
        taken = {one.standing: one.points for one in take_backs(whole_sale, standings, refunded_in_all(so_far))}
        taken_in_all += sum(taken.values())
        standings = [replace(one, taken=one.taken + taken.get(one, 0)) for one in standings]

    assert taken_in_all == sum(one.awarded for one in standings)
    assert all(one.taken == one.awarded for one in standings)


@given(amounts=lines, per_cent=st.integers(100, 300))
def test_lines_sum_to_the_rounded_total(amounts, per_cent):
    factor = Fraction(per_cent, 100)
    rules = policy(multipliers=[{"code": "tier", "by": "tier", "levels": {"gold": f"{per_cent / 100:.2f}"}}])

    earned = reckon(sale(*(line(number, gross) for number, gross in enumerate(amounts, 1))), rules, Buyer("gold"))

    assert sum(one.points for one in earned) == sum(amounts) * factor // 100
    assert all(one.points > 0 for one in earned)


lone_rules = st.fixed_dictionaries(
    {
        "points": st.sampled_from(["1", "0.3", "1.7", "25"]),
        "each": st.fixed_dictionaries({"minor": st.sampled_from([1, 7, 100, 333]), "currency": st.just("CNY")}),
        "of": st.sampled_from(["net", "gross"]),
        "whole": st.booleans(),
        "multiplied": st.booleans(),
        "minimum_minor": st.sampled_from([1, 500]),
        "kinds": st.sampled_from([None, ["service"], ["parts"]]),
        "categories": st.sampled_from([None, ["labour"], ["tyres"]]),
    }
)
lone_multipliers = st.sampled_from(
    [
        [],
        [{"code": "tier", "by": "tier", "levels": {"gold": "1.25"}}],
        [{"code": "b", "by": "birthday_month", "factor": "3"}],
    ]
)


@given(
    rule=lone_rules,
    multipliers=lone_multipliers,
    rounding=st.sampled_from(["floor", "half_up", "ceil"]),
    net=st.integers(0, 3_000),
    tax=st.integers(0, 400),
    buyer=st.sampled_from([Buyer(), Buyer("gold"), Buyer("gold", 3)]),
)
def test_a_line_by_a_lone_rule_earns_what_shares_say(rule, multipliers, rounding, net, tax, buyer):
    rules = policy(rule, rounding=rounding, multipliers=multipliers)
    one = sale(line(1, net + tax, net=net))

    quick = reckon_line(one, rules.lone_rule, rules, buyer) if net else []

    assert quick == (reckon_shares(one, rules, buyer) if net else [])
    assert quick == reckon(one, rules, buyer)


def test_what_must_be_spread_or_is_paid_with_points_is_reckoned_by_shares():
    rules, both = policy(), policy({}, {"code": "visit", "per": "visit", "points": "5", "each": None})
    paid = sale(line(1, 10_000), paid=5_000)

    assert [one.points for one in reckon(paid, rules, MEMBER)] == [50]
    assert [one.points for one in reckon(sale(line(1, 999), line(2, 999)), rules, MEMBER)] == [10, 9]
    assert (rules.lone_rule.code, both.lone_rule) == ("base", None)
