"""What else begins or moves plans: a closed complaint, and the mileage that comes with any sale."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM
from loyalty.programme.service import load_file, set_own_day
from loyalty.tasks.rules import StoreDays
from loyalty.visits import reactions
from loyalty.visits.rules import reckoned_anew
from tests.visits.conftest import days, plans, states

CALL = {"code": "calm", "name": {"zh": "投诉后回访", "en": "Calm"}, "trigger": "complaint", "task": "complaint-call"}


@dataclass(frozen=True, slots=True)
class ComplaintClosed:
    """As whoever handles complaints will announce it."""

    complaint_id: int
    customer_id: int
    vehicle_id: int | None
    store_id: int
    closed_at: datetime


@pytest.fixture
def complaints(monkeypatch):
    """Let the event have its reaction, as wiring will list it."""
    wired = {**events._wires.by_type, ComplaintClosed: (reactions.note_complaints,)}
    monkeypatch.setattr(events._wires, "by_type", wired)


def test_a_closed_complaint_begins_a_plan_and_reopening_ends_it(complaints, serve, agent, night, clock, store):
    version = {"kind": "follow-up", "effective_from": "2026-01-01", "body": {"steps": [CALL | {"days": 14}]}}
    load_file({"versions": [version]}, now=clock.now, by=SYSTEM)
    customer_id = serve()
    late = datetime(2026, 3, 10, 17, tzinfo=UTC)  # the 11th in the store

    events.announce([ComplaintClosed(7, customer_id, None, store, late)], now=clock.now, by=SYSTEM)
    night(date(2026, 3, 13))

    (plan,) = plans("active")
    assert (plan.trigger, plan.day, days(plan)) == ("complaint", date(2026, 3, 11), {"calm": "2026-03-25"})

    (effect,) = reactions.end_reopened([7], now=clock.now, by=SYSTEM)
    assert effect.numbers == {"count": 1}
    assert states(plans("void")[0]) == {"calm": "void"}


def test_a_reading_of_a_sale_that_is_no_service_moves_what_depends_on_mileage(serve, agent, night):
    serve(odometer=10_000, day=date(2026, 1, 8))
    night(date(2026, 1, 9))
    assert days(plans()[0])["maintenance-7"] == "2026-07-01"

    serve("P-1", kind="parts", odometer=16_000, day=date(2026, 3, 9))
    night(date(2026, 3, 10))

    assert [plan.trigger for plan in plans()] == ["service"]
    assert days(plans()[0])["maintenance-7"] == "2026-03-20"  # 8,000 km at 100 km a day, less 7 days


def test_a_sale_without_a_reading_asks_the_planner_for_nothing(serve, agent, night):
    serve("P-1", kind="parts")

    assert night(date(2026, 3, 10))["planned"] == 0


def test_a_correction_of_a_reading_moves_it_back(serve, agent, night):
    serve(odometer=10_000, day=date(2026, 1, 8))
    serve("P-1", kind="parts", odometer=16_000, day=date(2026, 3, 9))
    night(date(2026, 3, 10))
    moved = days(plans()[0])["maintenance-7"]

    serve("P-1", kind="parts", odometer=10_600, day=date(2026, 3, 9), mode="correct")
    night(date(2026, 3, 10))

    assert (moved, days(plans()[0])["maintenance-7"]) == ("2026-03-20", "2026-07-01")


def test_a_rest_day_that_is_set_later_moves_what_was_planned_for_it(serve, agent, night, clock):
    serve()
    night(date(2026, 3, 11))
    assert days(plans()[0])["service-3"] == "2026-03-13"

    set_own_day(date(2026, 3, 13), works=False, name="盘点", now=clock.now, by=SYSTEM)

    assert night(date(2026, 3, 12))["moved"] == 1
    (step,) = [one for one in plans()[0].steps if one.code == "service-3"]
    assert (step.due_from, step.why[0]["numbers"]["moved"]) == (date(2026, 3, 16), "2026-03-16")
    assert night(date(2026, 3, 12))["moved"] == 0


def test_days_reckoned_without_the_holidays_of_their_year_are_looked_at_again_when_it_is_published():
    assert reckoned_anew(date(2026, 3, 13), StoreDays(), unpublished=True)
    assert not reckoned_anew(date(2026, 3, 13), StoreDays(), unpublished=False)
    assert not reckoned_anew(date(2031, 3, 13), StoreDays(), unpublished=True)
