"""When the steps of a plan are due: written out over months' ends, the Spring Festival and a make-up Saturday."""

import copy
from datetime import date

import pytest

from loyalty.kernel.errors import Malformed
from loyalty.tasks.rules import StoreDays
from loyalty.visits.rules import USUAL_BODY, Fact, Reading, km_a_day, parse_template, plan_dates

USUAL = parse_template(USUAL_BODY)


def step(**more):
    return {
        "code": "one",
        "name": {"zh": "一", "en": "One"},
        "trigger": "delivery",
        "task": "delivery-call",
        "window": 1,
    } | more


def only(day, *, read=None, readings=(), closed=(), km_a_day=40, **more):
    """Return first day and reasons of a single step."""
    template = parse_template({"steps": [step(**more)], "km_a_day": km_a_day})
    (due,) = plan_dates(template, Fact("delivery", day, read), list(readings), StoreDays(closed=tuple(closed)))
    return due.first, [one.sentence.format(**one.values) for one in due.why]


def test_the_usual_plan_over_the_spring_festival_is_written_out():
    """Delivered on 12 February 2026: 15 to 23 February is the festival."""
    days = [
        (due.step.code, due.first.isoformat())
        for due in plan_dates(USUAL, Fact("delivery", date(2026, 2, 12)), [], StoreDays())
    ]

    assert days == [
        ("delivery-1", "2026-02-13"),
        ("delivery-3", "2026-02-24"),
        ("delivery-7", "2026-02-24"),
        ("delivery-30", "2026-03-16"),
        ("first-service-15", "2026-06-02"),
        ("first-service-3", "2026-06-12"),
    ]


@pytest.mark.parametrize(
    ("begins", "months", "due"),
    [
        ("2026-01-31", 1, "2026-02-28"),  # a make-up Saturday, so it is worked
        ("2027-12-31", 2, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2026-03-31", 1, "2026-04-30"),
    ],
)
def test_months_are_calendar_months(begins, months, due):
    first, _ = only(date.fromisoformat(begins), months=months)

    assert first.isoformat() == due


def test_a_make_up_saturday_is_worked_and_the_next_one_is_not():
    assert only(date(2026, 2, 25), days=3) == (date(2026, 2, 28), [])
    assert only(date(2026, 3, 4), days=3) == (
        date(2026, 3, 9),
        ["2026-03-07 is on a weekend: moved forward to 2026-03-09."],
    )


def test_calls_move_forward_and_reminders_back_and_say_why():
    later, why = only(date(2026, 4, 28), days=3)
    assert (later, why) == (date(2026, 5, 6), ["2026-05-01 is a public holiday: moved forward to 2026-05-06."])

    earlier, why = only(date(2026, 1, 4), months=4, days=3, side="before")
    assert (earlier, why) == (date(2026, 4, 30), ["2026-05-01 is a public holiday: moved back to 2026-04-30."])


def test_a_store_that_is_closed_moves_the_call_too():
    closed = [(date(2026, 3, 12), date(2026, 3, 13), "盘点")]

    assert only(date(2026, 3, 9), days=3, closed=closed) == (
        date(2026, 3, 16),
        ["The store is closed on 2026-03-12: moved forward to 2026-03-16."],
    )


def test_a_year_without_a_list_counts_weekends_and_says_so():
    first, why = only(date(2031, 4, 28), days=3)

    assert first == date(2031, 5, 1)
    assert why == ["The holidays of 2031 are not published yet: only weekends were taken into account."]


@pytest.mark.parametrize(
    ("rate", "first", "why"),
    [
        (50, "2026-06-12", "By mileage: 5000 km are expected on 2026-06-12, at 50 km a day."),
        (20, "2026-09-04", "By date: 6 months are over on 2026-09-04, before 5000 km are expected."),
    ],
)
def test_by_date_or_by_kilometres_whichever_is_first(rate, first, why):
    found, reasons = only(date(2026, 3, 4), months=6, km=5000, km_a_day=rate)

    assert (found.isoformat(), reasons) == (first, [why])


def test_kilometres_a_day_come_from_the_readings_when_they_lie_far_enough_apart():
    first = Reading(date(2026, 1, 1), 100)

    assert km_a_day([], 40) == 40
    assert km_a_day([first, Reading(date(2026, 1, 30), 5000)], 40) == 40
    assert km_a_day([first, Reading(date(2026, 1, 31), 3100)], 40) == 100
    assert km_a_day([first, Reading(date(2026, 3, 1), 100)], 40) == 40


def test_nobody_is_reminded_before_the_day_after_the_fact():
    assert only(date(2026, 3, 9), km=100, days=60, side="before", months=1)[0] == date(2026, 3, 10)


def test_a_step_before_its_trigger_is_refused():
    with pytest.raises(Malformed) as wrong:
        parse_template({"steps": [step(days=3, side="before")]})

    assert set(wrong.value.errors) == {"steps[0].days"}
    assert parse_template({"steps": [step(days=3, side="before", months=1)]}).steps[0].months == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"trigger": "moon"}, "steps[0].trigger"),
        ({"task": "dance"}, "steps[0].task"),
        ({"channel": "pigeon"}, "steps[0].channel"),
        ({"months": -1}, "steps[0].months"),
        ({"window": 0}, "steps[0].window"),
        ({"name": {"zh": "一"}}, "steps[0].name.en"),
        ({"odd": 1}, "steps[0].odd"),
    ],
)
def test_wrong_places_are_named(change, place):
    with pytest.raises(Malformed) as wrong:
        parse_template({"steps": [step() | change]})

    assert place in wrong.value.errors


def test_two_steps_of_one_name_and_no_step_at_all_are_refused():
    body = copy.deepcopy(USUAL_BODY)
    body["steps"][1]["code"] = body["steps"][0]["code"]

    with pytest.raises(Malformed):
        parse_template(body)
    with pytest.raises(Malformed):
        parse_template({"steps": []})
