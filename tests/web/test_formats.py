"""Days, moments, money and points are written the same way everywhere."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.kernel.money import Money
from loyalty.web import formats
from tests.web.conftest import NOW


@pytest.fixture
def inside(probe):
    """A request in Chinese, at 14:08 on Thursday 12 March 2026 in Shanghai."""
    with probe.test_request_context("/plain"):
        yield


@pytest.fixture
def inside_english(probe):
    with probe.test_request_context("/plain?lang=en"):
        yield


def test_moments_are_shown_in_the_zone_of_the_page(inside):
    assert formats.moment(datetime(2026, 3, 11, 16, 30, tzinfo=UTC)) == "2026-03-12 00:30"
    assert formats.day(datetime(2026, 3, 11, 16, 30, tzinfo=UTC)) == "2026-03-12"


def test_days_in_texts_name_the_weekday_and_another_year(inside):
    assert formats.day_text(date(2026, 3, 12)) == "3 月 12 日 周四"
    assert formats.day_text(date(2025, 3, 12)) == "2025 年 3 月 12 日 周三"


def test_days_in_english_texts(inside_english):
    assert formats.day_text(date(2026, 3, 12)) == "Thu 12 Mar"


@pytest.mark.parametrize(
    ("ahead", "shown"),
    [
        (timedelta(seconds=-59), "刚刚"),
        (timedelta(seconds=-60), "1 分钟前"),
        (timedelta(minutes=-59, seconds=-59), "59 分钟前"),
        (timedelta(hours=-1), "1 小时前"),
        (timedelta(hours=23, minutes=59), "23 小时后"),
        (timedelta(hours=24), "2026-03-13 14:08"),
        (timedelta(hours=-24), "2026-03-11 14:08"),
    ],
)
def test_within_a_day_time_is_relative_and_the_exact_one_is_its_title(inside, ahead, shown):
    moment = NOW + ahead

    told = formats.when(moment)

    assert f">{shown}<" in told
    assert f'title="{formats.moment(moment)}"' in told


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Money(123400, "CNY"), "¥1,234.00"),
        (Money(-5, "CNY"), "−¥0.05"),
        (Money(0, "USD"), "US$0.00"),
        (Money(1234, "JPY"), "JP¥1,234"),
        (Money(100, "CHF"), "CHF 1.00"),
        (None, "--"),
    ],
)
def test_money(amount, shown):
    assert formats.money(amount) == shown


@pytest.mark.parametrize(("value", "shown"), [(8420, "8,420"), (-1200, "−1,200"), (4.6, "4.6"), (0, "0"), (None, "--")])
def test_numbers(value, shown):
    assert formats.number(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(486, "+486"), (-1200, "−1,200"), (0, "0"), (None, "--")])
def test_signed_numbers(value, shown):
    assert formats.signed(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(1, 8, "12.5 %"), (0, 8, "0.0 %"), (0, 0, "—"), (None, 8, "--"), (8, 8, "100.0 %")]
)
def test_rates(part, whole, shown):
    assert formats.rate(part, whole) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("粤A0X12D", "粤A·0X12D"), ("粤A·0X12D", "粤A·0X12D"), ("粤A", "粤A"), (None, "--")]
)
def test_plates(text, shown):
    assert formats.plate(text) == shown


def test_nothing_is_two_hyphens_everywhere(inside):
    for write in (formats.day, formats.day_text, formats.moment, formats.when, formats.clock_time, formats.grouped):
        assert write(None) == "--"


def test_long_numbers_are_read_in_groups():
    assert formats.grouped("668800128450") == "6688 0012 8450"


def test_levels_of_our_own_making_look_basic():
    assert formats.tier_look("gold") == "gold"
    assert formats.tier_look("veteran") == "basic"


@pytest.mark.parametrize("name", [None, "", "system", "expire", "tier-review", "pull"])
def test_what_runs_by_itself_is_nobody_by_name(inside, name):
    assert formats.by_whom(name) == "自动"
    assert formats.by_whom("林悦") == "林悦"
