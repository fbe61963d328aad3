"""Inspections: the law's tables written out, the official date that wins, and the plan that follows them."""

from datetime import date

import pytest
from sqlalchemy import text

from loyalty.customers.queries import vehicle_id_by_vin
from loyalty.customers.service import change_vehicle
from loyalty.kernel.actor import EVERYTHING, SYSTEM
from loyalty.programme.service import load_tables
from loyalty.visits import service
from loyalty.visits.rules import Car, due_months, first_day, in_question, law_of, next_inspection
from tests.sales.conftest import VIN
from tests.visits.conftest import ZONE, days, plans, states

FAMILY = [
    {"from_year": 2, "to_year": 4, "every_months": 24},
    {"from_year": 6, "to_year": 6, "every_months": 24},
    {"from_year": 8, "to_year": 8, "every_months": 24},
    {"from_year": 10, "to_year": 10, "every_months": 24},
    {"from_year": 11, "every_months": 12},
]
GOODS = [{"from_year": 0, "to_year": 10, "every_months": 12}, {"from_year": 10, "every_months": 6}]


@pytest.fixture
def tables(db_session, clock):
    return load_tables(now=clock.now, by=SYSTEM)


@pytest.fixture
def car(deliver, tables, clock):
    """Return a function that gives the delivered vehicle the data on which its inspections hang."""

    def make(registered=date(2024, 5, 20), known="none", **more):
        deliver(day=date(2026, 3, 2))
        vehicle_id = vehicle_id_by_vin(VIN, EVERYTHING)
        about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
        change_vehicle(vehicle_id, {"registered_day": registered, **more}, **about)
        if known:
            service.note_inspection(vehicle_id, None, known, **about)
        return vehicle_id

    return make


def inspections(state="active"):
    return [one for one in plans(state) if one.trigger == "inspection"]


def test_the_years_of_family_cars_and_of_goods_vehicles_are_written_out():
    assert sorted(due_months(FAMILY))[:7] == [24, 48, 72, 96, 120, 132, 144]
    assert sorted(due_months(GOODS))[8:14] == [108, 120, 126, 132, 138, 144]


@pytest.mark.parametrize(
    ("car", "kind"),
    [
        (Car("passenger", "household", None, None), "inspection_family"),
        (Car("passenger", "business", None, None), "inspection_family"),
        (Car("passenger", "commercial", None, None), "inspection_commercial"),
        (Car("pickup", "household", None, None), "inspection_goods"),
        (Car("truck", "business", None, None), "inspection_goods"),
        (Car("motorcycle", "household", None, None), "inspection_motorcycle"),
        (Car("van", "household", None, None), None),
    ],
)
def test_which_table_holds_depends_on_class_and_use(car, kind):
    assert law_of(car) == kind


def test_the_window_is_the_due_month_and_the_two_before_it():
    assert first_day(date(2026, 5, 31), 2) == date(2026, 3, 1)
    assert first_day(date(2026, 1, 31), 2) == date(2025, 11, 1)


@pytest.mark.parametrize(
    ("made", "known", "questioned"),
    [
        (date(2020, 5, 20), "none", False),
        (date(2020, 5, 19), "none", True),  # first registered more than four years after it was built
        (None, None, None),
        (None, "some", True),
    ],
)
def test_exceptions_take_the_law_s_dates_away(made, known, questioned):
    assert in_question(Car("passenger", "household", made, date(2024, 5, 20), None, known)) is questioned


def test_a_car_is_reminded_when_the_window_opens_and_30_and_7_days_before(car):
    """Registered on 20 May 2024: due by 31 May 2026, a Sunday; the window has been open since 1 March, a Sunday."""
    car()

    (plan,) = inspections()
    assert (plan.day, plan.opens) == (date(2026, 5, 31), date(2026, 3, 1))
    assert days(plan) == {
        "inspection-opens": "2026-03-02",
        "inspection-30": "2026-04-30",  # 1 May is a holiday: back
        "inspection-7": "2026-05-22",  # 24 May is a Sunday: back to Friday
    }
    said = [one["sentence"].format(**one["numbers"]) for one in plan.steps[0].why]
    assert said[0].startswith("By law, since it was first registered on 2024-05-20. Source: ")
    assert said[-1] == "2026-03-01 is on a weekend: moved forward to 2026-03-02."


def test_a_night_that_runs_twice_plans_it_once(car, night):
    car()

    told = night(date(2026, 3, 13))

    assert (told["inspections"], told["changed"], len(inspections())) == (0, 0, 1)


def test_an_exception_that_is_not_known_sends_people_to_look_it_up_and_writes_to_nobody(car, agent, night):
    car(known=None)

    night(date(2026, 3, 13))

    (plan,) = inspections()
    assert {step.channel for step in plan.steps} == {"phone"}
    assert plan.basis["doubtful"]
    said = " ".join(one["sentence"] for one in plan.steps[0].why)
    assert "Look the day up with the traffic police" in said


def test_an_exception_that_holds_leaves_only_the_official_date(car, clock):
    vehicle_id = car(known="some")
    assert inspections() == []

    about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    service.note_inspection(vehicle_id, date(2026, 4, 15), "some", **about)

    (plan,) = inspections()
    assert (plan.day, plan.opens) == (date(2026, 4, 15), date(2026, 2, 1))


def test_an_official_date_wins_voids_the_law_s_plan_and_back_again(car, clock):
    vehicle_id = car()
    about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}

    service.note_inspection(vehicle_id, date(2028, 5, 31), "none", **about)  # it was inspected
    assert inspections() == []
    assert {plan.reason for plan in inspections("void")} == {"The inspection is on another day."}

    service.note_inspection(vehicle_id, None, "none", **about)
    assert [plan.day for plan in inspections()] == [date(2026, 5, 31)]


def test_a_corrected_registration_is_planned_anew_at_night(car, clock, night):
    vehicle_id = car()
    about = {"scope": EVERYTHING, "now": clock.now, "by": SYSTEM}
    change_vehicle(vehicle_id, {"registered_day": date(2024, 4, 2)}, **about)

    told = night(date(2026, 3, 13))

    assert (told["changed"], told["inspections"]) == (1, 1)
    assert [plan.day for plan in inspections()] == [date(2026, 4, 30)]


def test_who_buys_the_car_is_not_reminded_of_an_inspection_that_was_another_s(car, clock, night, db_session):
    car()
    db_session.execute(text("UPDATE plans SET state = 'stopped', ended_at = now() WHERE trigger = 'inspection'"))

    night(date(2026, 3, 13))

    assert inspections() == []


def test_without_tables_nothing_is_planned(deliver, clock):
    deliver()

    assert service.plan_inspections(ZONE, now=clock.now, by=SYSTEM) == {"inspections": 0, "changed": 0}


def test_what_was_due_before_the_plan_was_made_is_told_once(car):
    """Registered on 20 March 2024: the window opened in January, and 31 March is less than 30 days away."""
    car(registered=date(2024, 3, 20))

    (plan,) = inspections()
    assert days(plan) == {"inspection-7": "2026-03-24"}
    assert states(plan) == {"inspection-7": "planned"}


def test_nothing_comes_of_a_vehicle_without_its_registration():
    car = Car("passenger", "household", None, None)

    assert next_inspection(car, [], today=date(2026, 3, 1), months_before=2) is None
