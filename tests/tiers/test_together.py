"""Two sales of one member at the same moment: each must see the other, or a level would be missed."""

import threading

import pytest

from loyalty import reactions
from loyalty.kernel import events
from loyalty.kernel.db import db, transaction
from loyalty.tiers import queries
from tests.earning.counter import Counter
from tests.tiers.schemes import cny_scheme


@pytest.fixture
def club(committed, clock):
    counter = Counter(clock)
    counter.load(tiers=cny_scheme())
    return counter


def sell_at_once(app, club):
    """Record a sale while another one of the same member is recorded but not committed yet."""
    recorded, second_began = threading.Event(), threading.Event()
    failures = []

    def run(work):
        try:
            with app.app_context():
                work()
                db.session.remove()
        except BaseException as problem:  # noqa: BLE001 - told to the test below
            failures.append(problem)

    def first():
        with transaction():
            club.sell("S1", gross=100, day="2026-03-09")
            recorded.set()
            second_began.wait(10)
            threading.Event().wait(0.5)  # long enough for the second to come as far as it can

    def second():
        recorded.wait(10)
        second_began.set()
        club.sell("S2", gross=100, day="2026-03-10")

    threads = [threading.Thread(target=run, args=(work,)) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def test_two_days_in_two_transactions_make_a_level(app, club):
    (member,) = club.members("K1")

    sell_at_once(app, club)

    assert queries.standing(member).level_code == "silver"


def test_without_the_lock_the_level_would_be_missed(app, club, monkeypatch):
    (member,) = club.members("K1")
    monkeypatch.setattr(queries, "lock_standings", queries.standings)
    monkeypatch.setattr(events, "_wires", events._Wires())
    events.wire(reactions.REACTIONS)  # without what is asked ahead, which locks too

    sell_at_once(app, club)

    assert queries.standing(member).level_code == "basic"
