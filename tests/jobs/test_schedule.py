"""Nights: when they begin, in which order, once for each zone and day, whatever fails in between."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from jobs import schedule as nights
from jobs.schedule import NIGHT, STEPS, Step, carry_out, nights_begun, plan_nights
from loyalty.kernel import schedule
from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import Refused
from loyalty.kernel.schedule import LeaseLost, ScheduleRun
from loyalty.web.formats import AUTOMATIC
from tests.jobs.conftest import BEGUN, DAY, ZONE


class Stuck(Refused):
    """A step that cannot go on today."""

    code = "tests.stuck"
    sentence = "This step is stuck."


def row(run_id):
    return db.session.scalars(select(ScheduleRun).where(ScheduleRun.id == run_id)).one()


def let_lease_lapse(run_id):
    with transaction() as session:
        session.execute(
            update(ScheduleRun)
            .where(ScheduleRun.id == run_id)
            .values(lease_until=text("clock_timestamp() - interval '1 s'"))
        )


def let_pause_end(run_id):
    with transaction() as session:
        session.execute(update(ScheduleRun).where(ScheduleRun.id == run_id).values(due_at=BEGUN))


@pytest.mark.parametrize(("early", "day"), [(timedelta(0), DAY), (timedelta(microseconds=1), DAY - timedelta(days=1))])
def test_a_night_begins_at_two_in_its_zone_and_closes_the_day_before(early, day):
    assert [slot.day for slot in nights_begun(ZONE, now=BEGUN - early, after=None)] == [day]


def test_what_a_step_does_is_shown_as_done_by_itself():
    assert {step.name for step in STEPS} - AUTOMATIC == set()


def test_missed_nights_are_caught_up_in_order():
    slots = nights_begun(ZONE, now=BEGUN + timedelta(days=2), after=DAY - timedelta(days=1))

    assert [(slot.day, slot.due_at) for slot in slots] == [
        (DAY, BEGUN),
        (DAY + timedelta(days=1), BEGUN + timedelta(days=1)),
        (DAY + timedelta(days=2), BEGUN + timedelta(days=2)),
    ]


def test_a_night_begins_at_two_on_the_day_the_clocks_change():
    # Clocks go forward at 01:00 UTC: 02:00 of that day is 01:00 UTC, and the night still comes once.
    (slot,) = nights_begun("Europe/Berlin", now=datetime(2026, 3, 29, 4, tzinfo=UTC), after=date(2026, 3, 27))

    assert slot.day == date(2026, 3, 28)


def test_nothing_is_planned_twice(db_session):
    assert plan_nights(BEGUN) == 1
    assert plan_nights(BEGUN) == 0
    assert plan_nights(BEGUN + timedelta(days=1)) == 1


def test_the_steps_stand_in_their_fixed_order():
    names = ["activate", "expire", "lapse-notices", "tier-review", "plans", "reminders", "hand-over"]

    assert [step.name for step in STEPS] == [*names, "tidy", "audit-chain", "follow-merges"]


def test_a_night_runs_its_steps_in_order_and_once(night, ran):
    carry_out(night)
    carry_out(night)

    assert ran == [("one", DAY), ("two", DAY), ("three", DAY)]
    done = row(night)
    assert (done.state, done.steps_done, done.token) == ("done", 3, None)
    assert done.reports == {name: {"count": 1} for name in ("one", "two", "three")}


def test_a_night_before_the_first_rules_is_done_and_says_what_was_passed_over(night):
    carry_out(night)

    done = row(night)
    assert (done.state, done.steps_done) == ("done", len(STEPS))
    assert "No levels are in force on 2026-03-11" in done.reports["tier-review"]["passed_over"]


def test_a_night_waits_for_the_one_before(night, ran):
    schedule.plan([schedule.Slot(NIGHT, ZONE, DAY + timedelta(days=1), BEGUN)])
    later = db.session.scalar(select(ScheduleRun.id).where(ScheduleRun.day > DAY))

    assert schedule.due_ids() == [night]
    carry_out(later)
    assert ran == []

    carry_out(night)
    assert schedule.due_ids() == [later]


def test_another_zone_waits_for_nobody(night):
    schedule.plan([schedule.Slot(NIGHT, "Europe/Berlin", DAY + timedelta(days=1), BEGUN)])

    assert len(schedule.due_ids()) == 2


def test_a_refused_step_is_tried_again_and_those_before_are_not_repeated(night, ran, monkeypatch):
    one, two, three = nights.STEPS

    def stuck(as_of, **_):
        raise Stuck

    monkeypatch.setattr(nights, "STEPS", (one, Step("two", stuck), three))
    carry_out(night)
    waiting = row(night)
    assert (waiting.state, waiting.steps_done, waiting.problem) == ("due", 1, "This step is stuck.")
    assert schedule.due_ids() == []  # there is a pause first

    monkeypatch.setattr(nights, "STEPS", (one, two, three))
    let_pause_end(night)
    carry_out(night)
    assert ran == [("one", DAY), ("two", DAY), ("three", DAY)]


def test_a_killed_worker_is_replaced_when_its_lease_ends(night, ran):
    killed = schedule.claim(night)
    schedule.record_step(killed, "one", {})
    assert (schedule.claim(night), schedule.due_ids()) == (None, [])

    let_lease_lapse(night)
    carry_out(night)

    assert ran == [("two", DAY), ("three", DAY)]


def test_who_lost_the_lease_writes_nothing(night):
    slow = schedule.claim(night)
    let_lease_lapse(night)
    quick = schedule.claim(night)

    with pytest.raises(LeaseLost):
        schedule.record_step(slow, "one", {})
    with pytest.raises(LeaseLost):
        schedule.finish(slow)

    schedule.finish(quick)
    assert row(night).steps_done == 0


def test_of_ten_that_claim_at_once_one_gets_it(committed, app, night):
    got = []
    gate = threading.Barrier(10)

    def claim():
        with app.app_context():
            gate.wait()
            got.append(schedule.claim(night))

    threads = [threading.Thread(target=claim) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([work for work in got if work is not None]) == 1
