import random

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.membership.rules import (
    MOVES,
    AdjustmentAboveLimit,
    NotActive,
    NotThatState,
    Policy,
    check_active,
    check_adjustment,
    check_move,
    id_of_number,
    number_of,
    parse_policy,
    shown,
)


def test_a_number_has_twelve_digits_in_groups_of_four():
    number = number_of(12845)

    assert len(number) == 12
    assert number.isdigit()
    assert [len(group) for group in shown(number).split(" ")] == [4, 4, 4]


@pytest.mark.parametrize("customer_id", [1, 2, 10**5, 10**10 - 1])
def test_a_number_leads_back_to_its_customer(customer_id):
    assert id_of_number(shown(number_of(customer_id))) == customer_id


def test_customers_never_share_a_number():
    ids = range(1, 20_001)

    assert len({number_of(customer_id) for customer_id in ids}) == len(ids)


def test_neighbours_have_numbers_that_tell_nothing_of_each_other():
    first, second = number_of(1000), number_of(1001)

    assert sum(one != other for one, other in zip(first, second, strict=True)) >= 6


@pytest.mark.parametrize("customer_id", [0, -1, 10**10])
def test_ids_outside_the_numbers_are_a_mistake_of_ours(customer_id):
    with pytest.raises(ValueError, match="below"):
        number_of(customer_id)


def test_every_wrong_digit_and_every_swap_of_neighbours_is_found():
    chance = random.Random(7)
    for _ in range(50):
        number = number_of(chance.randrange(1, 10**9))
        for place in range(12):
            for digit in set("0123456789") - {number[place]}:
                assert id_of_number(number[:place] + digit + number[place + 1 :]) is None
        for place in range(11):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert swapped == number or id_of_number(swapped) is None


@pytest.mark.parametrize("text", ["", "66880012845", "６" * 12, "abcdefghijkl", "9" * 13, "-12345678901"])
def test_what_is_no_number_leads_nowhere(text):
    assert id_of_number(text) is None


@pytest.mark.parametrize(
    ("move", "state", "after"),
    [
        ("enrol", "prospect", "active"),
        ("enrol", "closed", "active"),
        ("suspend", "active", "suspended"),
        ("resume", "suspended", "active"),
        ("close", "active", "closed"),
        ("close", "suspended", "closed"),
    ],
)
def test_a_membership_moves_where_it_may(move, state, after):
    assert check_move(move, state) == after


def test_a_membership_moves_nowhere_else():
    states = {"prospect", "active", "suspended", "closed"}
    for move, (before, _) in MOVES.items():
        for state in states - before:
            with pytest.raises(NotThatState) as refused:
                check_move(move, state)
            assert refused.value.details == {"state": state}


def test_only_active_members_use_points():
    check_active("active")
    for state in ("prospect", "suspended", "closed"):
        with pytest.raises(NotActive):
            check_active(state)


@pytest.mark.parametrize(("points", "before"), [(1000, 0), (-1000, 0), (400, 600), (-1, 999)])
def test_an_adjustment_may_reach_the_limit(points, before):
    check_adjustment(points, before=before, limit=1000)


@pytest.mark.parametrize(("points", "before"), [(1001, 0), (-1001, 0), (401, 600), (-1, 1000)])
def test_an_adjustment_above_the_limit_is_refused_whatever_its_sign(points, before):
    with pytest.raises(AdjustmentAboveLimit) as refused:
        check_adjustment(points, before=before, limit=1000)

    assert refused.value.details == {"limit": 1000, "before": before, "asked": abs(points)}


def test_a_policy_says_when_customers_are_enrolled():
    assert parse_policy({"enrol": "first_sale", "adjustment_limit": 0}) == Policy("first_sale", 0)
    assert parse_policy({}) == Policy("by_hand", 1000)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"enrol": "never"}, "enrol"),
        ({"enrol": None}, "enrol"),
        ({"adjustment_limit": -1}, "adjustment_limit"),
        ({"adjustment_limit": True}, "adjustment_limit"),
        ({"adjustment_limit": 1.5}, "adjustment_limit"),
        ({"adjustment_limit": "９"}, "adjustment_limit"),
        ({"enroll": "by_hand"}, "enroll"),
    ],
)
def test_a_policy_that_cannot_be_read_is_refused_with_the_place(body, place):
    with pytest.raises(Malformed) as refused:
        parse_policy(body)

    assert list(refused.value.errors) == [place]
