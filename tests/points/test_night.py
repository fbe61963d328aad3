"""The night's work: late, twice, or after a kill it gives the same rows."""

from datetime import date

import pytest
from sqlalchemy import select, text

from jobs import points as jobs
from loyalty.kernel.actor import SYSTEM, job_actor
from loyalty.kernel.clock import midnight
from loyalty.points import queries, service
from loyalty.points.models import LedgerTransaction
from loyalty.points.rules import NightWork
from loyalty.points.service import night

TONIGHT = job_actor("night")


@pytest.fixture
def run(clock):
    def step(name, **more):
        return getattr(service, name)(clock.now, now=clock.now, by=TONIGHT, **more)

    return step


def rows(db_session, kind):
    told = (LedgerTransaction.customer_id, LedgerTransaction.points, LedgerTransaction.occurred_at)
    return sorted(tuple(row) for row in db_session.execute(select(*told).where(LedgerTransaction.kind == kind)))


def test_what_lapsed_ends_once_however_late(desk, member, run, clock, db_session):
    desk.award(member, 30, ends=1)
    desk.award(member, 20, ends=2)
    desk.award(member, 10, ends=9)
    clock.advance(days=5)

    assert run("expire_due", dry_run=True) == NightWork(1, 2, 50)
    assert run("expire_due") == NightWork(1, 2, 50)
    assert run("expire_due") == NightWork()

    ended = rows(db_session, "expire")
    assert [(points, (at - clock.now).days) for _, points, at in ended] == [(20, -3), (30, -4)]
    assert desk.figures(member) == (10, 0, 0, 0)
    assert queries.audit() == []


def test_what_ripens_is_activated_once_and_pays_debts(desk, member, run, clock, db_session):
    desk.take(member, 15, sale=9)
    desk.award(member, 30, starts=1)
    desk.award(member, 20, starts=9)
    clock.advance(days=1)

    assert run("activate_due", dry_run=True) == NightWork(1, 1, 30)
    assert run("activate_due") == NightWork(1, 1, 30)
    assert run("activate_due") == NightWork()

    assert [points for _, points, _ in rows(db_session, "settle_debt")] == [15]
    assert desk.figures(member) == (15, 20, 0, 0)
    assert queries.audit() == []


def test_points_that_ripened_and_lapsed_since_the_last_night_are_activated_then_ended(desk, member, run, clock):
    award = desk.award_of(member, 30, starts=1, ends=2)
    service.award([award], now=clock.now, by=SYSTEM)
    clock.advance(days=3)

    assert run("activate_due").lots == 1
    assert run("expire_due").lots == 1
    assert desk.figures(member) == (0, 0, 0, 0)
    assert queries.audit() == []


def test_a_night_in_small_chunks_does_what_one_chunk_does(desk, make_members, run, clock, monkeypatch):
    monkeypatch.setattr(night, "LOTS_AT_ONCE", 3)
    for member in make_members(7):
        desk.award(member, 10, ends=1)
        desk.award(member, 5, starts=1)
    clock.advance(days=1)

    assert run("activate_due") == NightWork(7, 7, 35)
    assert run("expire_due") == NightWork(7, 7, 70)
    assert queries.audit() == []


def test_a_killed_night_goes_on_where_it_stopped(desk, make_members, clock, committed, app, monkeypatch):
    monkeypatch.setattr(night, "LOTS_AT_ONCE", 2)
    for member in make_members(6):
        desk.award(member, 10, ends=1)
    clock.advance(days=1)
    committed.execute(text("SELECT * FROM points_expire(:now, :now, 2, false, 'night')"), {"now": clock.now})
    committed.commit()  # the first chunk; then the process is gone

    done = service.expire_due(clock.now, now=clock.now, by=TONIGHT)

    assert (done.lots, queries.audit()) == (4, [])


def test_the_job_of_a_day_takes_what_is_valid_through_it(desk, member, clock):
    clock.set(midnight(date(2026, 3, 12), "Asia/Shanghai"))
    desk.award(member, 10, ends=1)  # its last valid day is the 12th
    desk.award(member, 20, ends=2)
    desk.award(member, 40, starts=2)
    by_name = {"zone": "Asia/Shanghai", "now": clock.now, "by": TONIGHT}

    assert jobs.expire(date(2026, 3, 11), dry_run=True, **by_name)["lots"] == 0
    assert jobs.expire(date(2026, 3, 12), dry_run=False, **by_name) == {"accounts": 1, "lots": 1, "points": 10}
    done = jobs.activate(date(2026, 3, 13), dry_run=False, **by_name)
    assert done == {"accounts": 1, "lots": 1, "points": 40, "holds_released": 0}
