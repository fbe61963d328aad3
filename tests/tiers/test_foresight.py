"""What a sale will ask of its buyer travels with the sale, and standings are locked before accounts."""

import threading
from datetime import date

import pytest
from sqlalchemy import select

from loyalty import reactions
from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db, transaction
from loyalty.kernel.trips import Queue
from loyalty.membership import service as membership
from loyalty.membership.rules import Newcomer
from loyalty.membership.service import enrolment
from loyalty.points.service import set_earning_class
from loyalty.tiers import queries
from loyalty.tiers.models import TierDay
from tests.earning.counter import EARNING, Counter
from tests.tiers.schemes import cny_scheme

LONG_ENOUGH = 0.5  # seconds, for the other side to come as far as it can


@pytest.fixture
def club(committed, clock):
    counter = Counter(clock)
    counter.load(tiers=cny_scheme(), earning=EARNING)
    return counter


@pytest.fixture
def at_once(app):
    """Run two pieces of work side by side, the second from the moment on at which the first says so."""

    def run(first, second):
        reached, failures = threading.Event(), []

        def guarded(work):
            try:
                with app.app_context():
                    work()
                    db.session.remove()
            except BaseException as problem:  # noqa: BLE001 - told to the test
                failures.append(problem)

        def pause():
            reached.set()
            threading.Event().wait(LONG_ENOUGH)

        threads = [
            threading.Thread(target=guarded, args=(work,))
            for work in (lambda: first(pause), lambda: (reached.wait(10), second()))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return failures

    return run


def days_of(customer_id):
    db.session.rollback()
    return list(db.session.scalars(select(TierDay.day).where(TierDay.customer_id == customer_id)))


def test_a_sale_of_a_member_takes_five_trips(club, monkeypatch):
    club.members("K1")
    club.sell("S1", day="2026-03-01")
    trips = []
    travel = Queue._travel
    monkeypatch.setattr(Queue, "_travel", lambda *args, **more: (trips.append(1), travel(*args, **more)))

    club.sell("S2")

    # BEGIN and who is meant; the sale and what reactions ask; points; day and level; the journal and COMMIT
    assert len(trips) == 5


def review(member):
    """Lock as a review does that changes a level."""

    def work(pause):
        with transaction():
            queries.lock_standings([member])
            pause()
            set_earning_class({member: "silver"}, now=None, by=SYSTEM)

    return work


def test_a_sale_and_a_review_of_one_member_wait_for_each_other(club, at_once):
    (member,) = club.members("K1")

    assert at_once(review(member), lambda: club.sell("S1")) == []


def test_without_the_order_of_locks_they_would_block_each_other(club, at_once, monkeypatch):
    (member,) = club.members("K1")
    monkeypatch.setattr(events, "_wires", events._Wires())
    events.wire(reactions.REACTIONS)

    assert len(at_once(review(member), lambda: club.sell("S1"))) == 1


def enrolling(club, customer_id, pause):
    newcomer = Newcomer(customer_id, club.store, club.clock.now, date(2026, 3, 1))
    with transaction():
        membership.enrol([newcomer], now=club.clock.now, by=SYSTEM)
        pause()


def selling(club, pause):
    with transaction():
        club.sell("S1")
        pause()


def nothing():
    """No pause."""


@pytest.mark.parametrize("enrols_first", [True, False])
def test_a_sale_during_the_enrolment_of_its_buyer_counts(club, at_once, enrols_first):
    (customer_id,) = club.customers("K1")

    if enrols_first:
        failures = at_once(lambda pause: enrolling(club, customer_id, pause), lambda: selling(club, nothing))
    else:
        failures = at_once(lambda pause: selling(club, pause), lambda: enrolling(club, customer_id, nothing))

    assert failures == []
    assert days_of(customer_id) == [date(2026, 3, 10)]


def test_unless_customers_are_held_it_would_be_missed(club, at_once, monkeypatch):
    (customer_id,) = club.customers("K1")
    monkeypatch.setattr(enrolment, "hold_customers", lambda *_, **__: None)

    at_once(lambda pause: selling(club, pause), lambda: enrolling(club, customer_id, nothing))

    assert days_of(customer_id) == []
