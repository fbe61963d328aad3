from datetime import UTC, date, datetime

import pytest

from loyalty.kernel.clock import add_months, day_at, end_of, midnight, parse_day, parse_moment
from loyalty.kernel.errors import Malformed

SHANGHAI = "Asia/Shanghai"


def test_a_day_belongs_to_the_zone_of_the_store():
    moment = datetime(2026, 3, 12, 16, 0, tzinfo=UTC)

    assert day_at(moment, SHANGHAI) == date(2026, 3, 13)
    assert day_at(moment, "America/New_York") == date(2026, 3, 12)


def test_a_day_ends_where_the_next_begins():
    assert end_of(date(2026, 3, 31), SHANGHAI) == midnight(date(2026, 4, 1), SHANGHAI)
    assert end_of(date(2026, 3, 31), SHANGHAI) == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -12, date(2025, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_are_calendar_months(day, months, expected):
    assert add_months(day, months) == expected


def test_a_series_keeps_the_day_it_started_from():
    february = add_months(date(2026, 1, 31), 1)

    assert add_months(february, 1, keep_day=31) == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "12/03/2026", "２０２６-03-12", "", "20260312"])
def test_an_impossible_day_is_refused_and_quoted(text):
    with pytest.raises(Malformed) as refused:
        parse_day(text, place="date")

    assert repr(text) in refused.value.errors["date"][0]


def test_a_leap_day_is_read():
    assert parse_day("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize("year", [1900, 2999])
def test_the_first_and_the_last_year_are_taken(year):
    day = parse_day(f"{year}-12-31")

    assert midnight(day, SHANGHAI) < end_of(day, SHANGHAI)
    assert parse_moment(f"{year}-12-31T00:00:00Z").year == year


@pytest.mark.parametrize("year", ["0001", "1899", "3000", "9999"])
def test_a_year_in_which_no_zone_reckons_is_refused(year):
    with pytest.raises(Malformed) as day:
        parse_day(f"{year}-01-01")
    with pytest.raises(Malformed) as moment:
        parse_moment(f"{year}-01-01T00:00:00+08:00")

    assert "1900" in str(day.value.errors["date"][0])
    assert "1900" in str(moment.value.errors["moment"][0])


def test_without_the_safeguard_the_first_day_of_the_calendar_breaks_the_zone():
    """The negative control."""
    with pytest.raises(OverflowError):
        midnight(date.min, SHANGHAI)


def test_a_moment_needs_its_offset():
    assert parse_moment("2026-03-12T14:08:00+08:00") == datetime(2026, 3, 12, 6, 8, tzinfo=UTC)
    with pytest.raises(Malformed):
        parse_moment("2026-03-12T14:08:00")
    with pytest.raises(Malformed):
        parse_moment("yesterday")
