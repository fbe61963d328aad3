"""Times that a store offers, and what may become of an appointment."""

from datetime import date, timedelta

import pytest

from loyalty.appointments.rules import (
    FARTHEST,
    MOVES,
    SOONEST,
    AppointmentOver,
    State,
    check_move,
    in_time,
    reminder_at,
    slots_on,
)
from loyalty.programme.rules import WorkCalendar
from tests.appointments.conftest import FRIDAY, SATURDAY, SUNDAY, TODAY, ZONE, at

HOURS = {"fri": [["09:00", "12:00"], ["13:30", "15:00"]], "sat": [["10:00", "12:30"]]}
HALF = timedelta(minutes=30)


def test_opening_hours_are_cut_into_whole_hours():
    found = slots_on(FRIDAY, HOURS, WorkCalendar(), ZONE)

    assert [first for first, _ in found] == [*(at(FRIDAY, hour) for hour in (9, 10, 11)), at(FRIDAY, 13) + HALF]
    assert all(last - first == timedelta(hours=1) for first, last in found)


def test_a_store_that_says_so_is_open_on_saturdays_and_never_on_days_it_does_not_name():
    assert len(slots_on(SATURDAY, HOURS, WorkCalendar(), ZONE)) == 2
    assert slots_on(SUNDAY, HOURS, WorkCalendar(), ZONE) == []


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (FRIDAY, 7),
        (SATURDAY, 0),
        (date(2026, 5, 1), 0),  # a public holiday, a Friday
        (date(2026, 5, 9), 7),  # a Saturday that is worked instead
    ],
)
def test_without_hours_of_its_own_a_store_takes_cars_when_the_house_works(day, count):
    assert len(slots_on(day, {}, WorkCalendar(), ZONE)) == count


def test_closing_days_and_holidays_beat_opening_hours():
    assert slots_on(FRIDAY, HOURS, WorkCalendar(closed={FRIDAY: "盘点"}), ZONE) == []
    assert slots_on(FRIDAY, HOURS, WorkCalendar(own={FRIDAY: False}), ZONE) == []
    assert slots_on(date(2026, 5, 1), HOURS, WorkCalendar(), ZONE) == []


@pytest.mark.parametrize(
    ("ahead", "fits"),
    [
        (SOONEST, True),
        (SOONEST - timedelta(seconds=1), False),
        (FARTHEST, True),
        (FARTHEST + timedelta(seconds=1), False),
    ],
)
def test_a_slot_is_neither_too_soon_nor_too_far(ahead, fits):
    now = at(TODAY, 14)

    assert in_time(now + ahead, now) is fits


def test_the_reminder_comes_at_ten_the_day_before():
    assert reminder_at(at(FRIDAY, 9), ZONE) == at(TODAY, 10)
    assert reminder_at(at(date(2026, 3, 1), 9), ZONE) == at(date(2026, 2, 28), 10)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_only_known_steps_are_taken(before, after):
    if after in MOVES[before]:
        check_move(before, after)
    else:
        with pytest.raises(AppointmentOver):
            check_move(before, after)
