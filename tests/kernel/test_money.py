import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import CurrencyMismatch, Money, parse_amount, spread


@pytest.mark.parametrize(
    ("text", "minor"),
    [("0", 0), ("29.33", 2933), ("29.3", 2930), ("1,234.50", 123450), ("-3", -300), (" 7.00 ", 700), ("7.000", 700)],
)
def test_an_amount_is_read_into_whole_minor_units(text, minor):
    assert parse_amount(text, "CNY") == Money(minor, "CNY")


@pytest.mark.parametrize(
    "text", ["", "１２", "12e3", "NaN", "abc", "1.234", "1,23", "٣", "--1", "12.", ".5", "99999999999999999"]
)
def test_what_is_no_amount_is_refused_and_quoted(text):
    with pytest.raises(Malformed) as refused:
        parse_amount(text, "CNY", place="amount_usd")

    assert text in refused.value.errors["amount_usd"][0] or repr(text) in refused.value.errors["amount_usd"][0]


def test_a_currency_without_minor_digits_takes_no_decimals():
    assert parse_amount("500", "JPY").minor == 500
    with pytest.raises(Malformed):
        parse_amount("500.5", "JPY")


def test_an_unknown_currency_is_refused_with_the_known_ones():
    with pytest.raises(Malformed) as refused:
        parse_amount("1", "XXX")

    assert "CNY" in refused.value.errors["currency"][0]


@pytest.mark.parametrize(("minor", "points", "share"), [(5, 1000, 1), (4, 1000, 0), (-5, 1000, -1), (100, 10_000, 100)])
def test_a_share_rounds_halves_away_from_zero(minor, points, share):
    assert Money(minor, "CNY").share(points) == Money(share, "CNY")


def test_amounts_of_two_currencies_are_never_added():
    with pytest.raises(CurrencyMismatch):
        Money(1, "CNY") + Money(1, "USD")


def test_amounts_are_written_with_symbol_and_groups():
    assert Money(123400, "CNY").format() == "¥1,234.00"
    assert Money(-5, "USD").format() == "-$0.05"
    assert Money(500, "JPY").format() == "¥500"
    assert Money(123405, "CNY").plain() == "1234.05"


def test_equal_remainders_go_to_the_earlier_part():
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(5, [0, 0]) == [5, 0]
    assert spread(5, []) == []


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_parts_always_sum_to_the_whole_and_stay_near_their_share(total, weights):
    parts = spread(total, weights)

    assert sum(parts) == total
    if sum(weights):
        assert all(abs(p - total * w / sum(weights)) < 1 for p, w in zip(parts, weights, strict=True))
