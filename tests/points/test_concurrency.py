"""Many at once on real connections: nothing is spent twice, nobody waits for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db, transaction
from loyalty.points import queries, service
from loyalty.points.rules import Ask, NotEnoughPoints
from loyalty.points.service import operations

pytestmark = pytest.mark.usefixtures("committed")

THREADS = 30


@pytest.fixture
def at_once(app, committed):
    """Run the calls in as many threads, all let go together; give each one's answer or refusal."""

    def run(calls):
        gate = threading.Barrier(len(calls))

        def one(call):
            with app.app_context():
                db.session.execute(text("SELECT 1"))
                db.session.rollback()
                gate.wait(timeout=30)
                try:
                    return call()
                except Exception as problem:  # noqa: BLE001 - whatever it is, the test compares it
                    return problem
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(len(calls)) as pool:
            answers = list(pool.map(one, calls))
        committed.expire_all()
        committed.rollback()
        return answers

    return run


def spend(ask, clock):
    return lambda: service.redeem(ask, now=clock.now, by=SYSTEM)


def test_thirty_who_spend_the_same_hundred_spend_it_once(desk, member, clock, at_once):
    desk.award(member, 100)

    answers = at_once([spend(desk.ask(member, 100), clock) for _ in range(THREADS)])

    refusals = [answer for answer in answers if isinstance(answer, NotEnoughPoints)]
    assert len(refusals) == THREADS - 1
    assert {refusal.details["available"] for refusal in refusals} == {0}
    assert desk.figures(member) == (0, 0, 0, 0)
    assert queries.audit() == []


def test_thirty_who_spend_parts_spend_exactly_what_is_there(desk, member, clock, at_once):
    for _ in range(10):
        desk.award(member, 10, ends=9)

    answers = at_once([spend(desk.ask(member, 7), clock) for _ in range(THREADS)])

    spent = sum(not isinstance(answer, Exception) for answer in answers)
    assert spent == 100 // 7
    assert desk.balance(member).available == 100 - 7 * spent
    assert queries.audit() == []


def test_without_the_lock_the_same_points_are_spent_again_and_the_database_refuses(
    desk, member, clock, at_once, monkeypatch
):
    """The negative control: READ COMMITTED alone lets several see the same 100; the CHECK is the last wall."""
    desk.award(member, 100)
    committed = db.session()
    body = committed.scalar(text("SELECT pg_get_functiondef('points_open(jsonb, boolean, bigint[])'::regprocedure)"))
    committed.execute(text(body.replace("ORDER BY a.id FOR NO KEY UPDATE OF a", "ORDER BY a.id").replace(":", "\\:")))
    committed.commit()
    everybody_has_read = threading.Barrier(THREADS)
    real = operations.ripen

    def wait_after_reading(book, *, now):
        everybody_has_read.wait(timeout=30)
        real(book, now=now)

    monkeypatch.setattr(operations, "ripen", wait_after_reading)

    answers = at_once([spend(desk.ask(member, 100), clock) for _ in range(THREADS)])

    assert not [answer for answer in answers if isinstance(answer, NotEnoughPoints)]
    assert [type(answer).__name__ for answer in answers].count("IntegrityError") == THREADS - 1
    assert desk.figures(member) == (0, 0, 0, 0)


def test_thirty_with_the_same_key_have_one_effect(desk, member, clock, at_once):
    desk.award(member, 1000)
    ask = desk.ask(member, 10, key="order-1")

    answers = at_once([spend(ask, clock) for _ in range(THREADS)])

    assert len({answer.effects[0].numbers["points"] for answer in answers}) == 1
    assert desk.figures(member) == (990, 0, 0, 0)


def test_transfers_both_ways_do_not_wait_for_each_other(desk, make_members, clock, at_once):
    here, there = make_members(2)
    desk.award(here, 1000)
    desk.award(there, 1000)

    def give(giver, taker):
        ask = Ask(giver, 10, desk.key(None), desk.shop, "gift")
        return lambda: service.transfer(ask, taker, now=clock.now, by=SYSTEM)

    pairs = [(here, there), (there, here)] * 10
    answers = at_once([give(giver, taker) for giver, taker in pairs])

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert desk.balance(here).available == desk.balance(there).available == 1000
    assert queries.audit() == []


def test_batches_in_opposite_order_do_not_wait_for_each_other(desk, make_members, clock, at_once):
    members = make_members(40)

    def give(order):
        awards = [desk.award_of(member, 1, unit=unit) for member in order for unit in ("growth", "points")]

        def call():
            with transaction():
                service.award(awards, now=clock.now, by=SYSTEM)
                service.set_earning_class(dict.fromkeys(order, "gold"), now=clock.now, by=SYSTEM)

        return call

    answers = at_once([give(members[:: 1 if number % 2 else -1]) for number in range(10)])

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert {desk.balance(member).available for member in members} == {10}


def test_awards_and_uses_beside_the_night_add_up(desk, make_members, clock, at_once):
    members = make_members(20)
    for member in members:
        desk.award(member, 50, ends=1)
        desk.award(member, 50, starts=1)
    clock.advance(days=1)

    def night(step):
        return lambda: step(clock.now, now=clock.now, by=SYSTEM)

    answers = at_once(
        [night(service.activate_due), night(service.expire_due), night(service.expire_due)]
        + [spend(desk.ask(member, 30), clock) for member in members]
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert {desk.figures(member) for member in members} == {(20, 0, 0, 0)}
    assert service.expire_due(clock.now, now=clock.now, by=SYSTEM).lots == 0
    assert queries.audit() == []
