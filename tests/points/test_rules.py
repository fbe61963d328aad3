"""Policies, use order and amounts: pure rules, no database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import loyalty.points
from loyalty.kernel.errors import Malformed, Problem
from loyalty.points.rules import (
    SENTENCES,
    Lot,
    Redemption,
    Source,
    check_points,
    parse_expiry,
    parse_redemption,
    parse_refunds,
    refusals,
    use_order,
)
from loyalty.points.rules.uses import cuts_to_return, split_cuts

SHANGHAI = "Asia/Shanghai"
NOW = datetime(2026, 3, 12, 6, 8, tzinfo=UTC)


def lot(number, *, ends=None, age=0, remaining=10, state="open", starts=None):
    return Lot(
        id=number,
        points=10,
        remaining=remaining,
        state=state,
        earned_at=NOW - timedelta(days=age),
        available_from=None if starts is None else NOW + timedelta(days=starts),
        expires_at=None if ends is None else NOW + timedelta(days=ends),
        source=Source("sale", number, f"S{number}", 1, None),
    )


@pytest.mark.parametrize(
    ("body", "day", "end"),
    [
        ({"mode": "none"}, date(2026, 3, 12), None),
        ({"mode": "months", "months": 12}, date(2026, 3, 12), "2027-03-12T16:00:00+00:00"),
        ({"mode": "months", "months": 1}, date(2026, 1, 31), "2026-02-28T16:00:00+00:00"),
        ({"mode": "months", "months": 12}, date(2024, 2, 29), "2025-02-28T16:00:00+00:00"),
        ({"mode": "months", "months": 1, "until": "month"}, date(2028, 1, 5), "2028-02-29T16:00:00+00:00"),
        ({"mode": "months", "months": 1, "until": "quarter"}, date(2026, 2, 28), "2026-03-31T16:00:00+00:00"),
        ({"mode": "months", "months": 1, "until": "quarter"}, date(2026, 3, 1), "2026-06-30T16:00:00+00:00"),
        ({"mode": "months", "months": 12, "until": "year"}, date(2026, 12, 31), "2027-12-31T16:00:00+00:00"),
        ({"mode": "rolling", "months": 6}, date(2026, 8, 31), "2027-02-28T16:00:00+00:00"),
    ],
)
def test_points_end_through_the_local_day(body, day, end):
    told = parse_expiry(body).end_for(day, SHANGHAI)

    assert (told and told.isoformat()) == end


def test_only_the_rolling_policy_is_extended_by_activity():
    assert parse_expiry({"mode": "rolling", "months": 6}).rolls
    assert not parse_expiry({"mode": "months", "months": 6}).rolls


@pytest.mark.parametrize(
    ("parse", "body", "place"),
    [
        (parse_expiry, {"mode": "sometimes"}, "mode"),
        (parse_expiry, {"mode": "months"}, "months"),
        (parse_expiry, {"mode": "months", "months": True}, "months"),
        (parse_expiry, {"mode": "months", "months": 0}, "months"),
        (parse_expiry, {"mode": "months", "months": 1201}, "months"),
        (parse_expiry, {"mode": "months", "months": 1, "until": "week"}, "until"),
        (parse_expiry, {"mode": "months", "months": 1, "remind_days": 366}, "remind_days"),
        (parse_expiry, {"mode": "rolling", "months": 1, "remind_days": 7, "remind_again_days": 7}, "remind_again_days"),
        (parse_expiry, {"mode": "none", "remind_days": 7}, "remind_days"),
        (parse_expiry, {"mode": "none", "months": 3}, "months"),
        (parse_expiry, [], "body"),
        (parse_refunds, {"shortfall": "forget"}, "shortfall"),
        (parse_refunds, {"reinstate_days": -1}, "reinstate_days"),
        (parse_redemption, {"multiple": 0}, "multiple"),
        (parse_redemption, {"most_share": 5000}, "worth"),
        (parse_redemption, {"most_share": 10_001, "worth": {"points": 1, "minor": 1}}, "most_share"),
        (parse_redemption, {"worth": {"points": 1}}, "worth.minor"),
        (parse_redemption, {"worth": {"points": 1, "minor": 1, "major": 1}}, "worth.major"),
    ],
)
def test_a_bad_body_is_refused_with_its_place(parse, body, place):
    with pytest.raises(Malformed) as refusal:
        parse(body)

    assert place in refusal.value.errors


@pytest.mark.parametrize(
    ("policy", "order_minor", "most"),
    [
        (Redemption(), 100, None),
        (Redemption(worth_points=100, worth_minor=100), None, None),
        (Redemption(worth_points=100, worth_minor=100), 12_345, 12_345),
        (Redemption(multiple=100, worth_points=100, worth_minor=100), 12_345, 12_300),
        (Redemption(most_share=3333, worth_points=10, worth_minor=1), 100, 333),
        (Redemption(multiple=100, worth_points=1, worth_minor=1), 99, 0),
        (Redemption(worth_points=1, worth_minor=1), -5, 0),
    ],
)
def test_an_order_takes_at_most_the_worth_of_its_share(policy, order_minor, most):
    assert policy.most_points(order_minor) == most


def test_lots_are_used_by_nearest_end_then_age_then_number():
    lots = [
        lot(1),
        lot(2, ends=9),
        lot(3, ends=5, age=1),
        lot(4, ends=5, age=2),
        lot(5, ends=5, age=2),
        lot(-1, ends=5),
    ]

    assert [one.id for one in sorted(lots, key=use_order)] == [4, 5, 3, -1, 2, 1]


@pytest.mark.parametrize(
    ("one", "usable"),
    [
        (lot(1), True),
        (lot(1, ends=0), False),
        (lot(1, ends=0.00002), True),
        (lot(1, remaining=0), False),
        (lot(1, state="pending", starts=-1), False),
    ],
)
def test_a_lot_is_usable_until_its_end(one, usable):
    assert one.usable(NOW) is usable


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=6),
    st.lists(st.integers(1, 40), max_size=8),
)
def test_partial_returns_give_each_lot_exactly_what_one_return_gives(shares, parts):
    cuts = list(enumerate(shares))
    total, returned, by_lot = sum(shares), 0, {}
    for part in [*parts, total]:
        points = min(part, total - returned)
        for lot_id, share in cuts_to_return(cuts, returned=returned, points=points):
            by_lot[lot_id] = by_lot.get(lot_id, 0) + share
        returned += points

    assert by_lot == dict(cuts)


@given(st.lists(st.integers(1, 50), max_size=6), st.integers(0, 400))
def test_cuts_are_split_without_loss(shares, points):
    first, rest = split_cuts(list(enumerate(shares)), points)

    assert sum(share for _, share in first) == min(points, sum(shares))
    assert sum(share for _, share in first + rest) == sum(shares)


@pytest.mark.parametrize("points", [True, 1.0, "1", "１", None, 0, -1, 2**53 + 1])
def test_what_is_no_whole_number_of_points_is_malformed(points):
    with pytest.raises(Malformed):
        check_points(points)


def test_every_sentence_is_told_in_chinese_with_the_same_figures():
    folder = Path(loyalty.points.__file__).parent / "translations/zh_Hans_CN/LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        told = {message.id: message.string for message in read_po(file) if message.id}
    refused = [one.sentence for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, Problem)]
    own = [sentence for sentence in refused if sentence not in {Problem.sentence, "Nothing was found here."}]

    assert {*SENTENCES.values(), *own} - set(told) == set()
    for sentence, chinese in told.items():
        assert names_in(chinese) <= names_in(sentence)


def names_in(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
