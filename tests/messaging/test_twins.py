"""Two of everything do what one does: planners, tickers, sweepers; each with what happens without its safeguard."""

import threading
from collections import Counter

import pytest
from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text

from jobs import ticker
from loyalty.kernel import events
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.messaging.events import MessageEnded
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import outbox, plan, steps, sweep
from tests.messaging.conftest import LONG_AGO, lapse, rows
from tests.messaging.mailroom import write_people

COUNT = 120

pytestmark = pytest.mark.usefixtures("committed", "always_open", "templates")


@pytest.fixture
def both():
    """Return a function that lets two do the same at the same moment, and gives what each of them returned."""
    app = current_app._get_current_object()

    def both(work):
        go, told, failed = threading.Barrier(2), [], []

        def one(turn):
            with app.app_context():
                go.wait()
                try:
                    told.append(work(turn))
                except Exception as problem:  # noqa: BLE001 - raised again below, in the test's own thread
                    failed.append(problem)

        threads = [threading.Thread(target=one, args=(turn,)) for turn in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return told

    return both


def messages(ids, mark=""):
    return [NewMessage(f"twin:{at}{mark}", at, "ready", LONG_AGO, {"name": "王"}, channel="sms") for at in ids]


@pytest.fixture
def people():
    ids = write_people(COUNT)
    db.session.commit()
    return ids


def test_two_planners_plan_each_message_once(both, people, clock):
    planned = both(lambda _: plan(messages(people), now=clock.now, by=SYSTEM))

    assert sum(len(one.new) for one in planned) == COUNT
    assert planned[0].ids == planned[1].ids
    assert rows("SELECT count(*), count(DISTINCT customer_id) FROM messages") == [(COUNT, COUNT)]


def test_without_a_key_of_their_own_messages_would_be_planned_twice(both, people, clock):
    """The negative control: a key that names its planner holds nobody back."""
    both(lambda turn: plan(messages(people, f":{turn}"), now=clock.now, by=SYSTEM))

    assert rows("SELECT count(*), count(DISTINCT customer_id) FROM messages") == [(2 * COUNT, COUNT)]


@pytest.fixture
def planned(people, clock):
    plan(messages(people), now=clock.now, by=SYSTEM)
    db.session.commit()


@pytest.fixture
def tick(tmp_path, monkeypatch):
    """Return a ticker's look that does all the work by itself, as Valkey has been away for long."""
    app = current_app._get_current_object()
    monkeypatch.setattr(ticker, "BELLS", [bell for bell in ticker.BELLS if bell.queue == "messages"])  # not the night

    def tick(_):
        one = ticker.Ticker(app, Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0)))
        one.away_since = float("-inf")
        return one.look()

    return tick


def test_two_tickers_send_each_message_once(both, planned, carrier, tick):
    both(tick)

    assert set(Counter(carrier.keys).values()) == {1}
    assert rows("SELECT state, count(*) FROM messages GROUP BY state") == [("sent", COUNT)]


def test_without_claims_two_tickers_send_messages_twice(both, planned, carrier, tick, monkeypatch):
    """The negative control: whoever sees a due message takes it, and nothing says whose it is."""
    seen = threading.Barrier(2)

    def claim(self, channel, token, *, most):
        found = db.session.execute(text("SELECT customer_id, id FROM messages WHERE state = 'due' ORDER BY id")).all()
        db.session.rollback()
        if found:
            seen.wait(30)
        return [tuple(row) for row in found]

    def hand_over(self, token, given, *, dedupes, extra=None):
        return [steps.Handed(row["owner_id"], row["id"], 1) for row in given]

    monkeypatch.setattr(steps.Steps, "claim", claim)
    monkeypatch.setattr(steps.Steps, "hand_over", hand_over)
    monkeypatch.setattr(outbox, "finish", lambda *_: done())

    def done():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE messages SET state = 'sent'"))
        return 0

    both(tick)

    assert 2 in Counter(carrier.keys).values()


@pytest.fixture
def lapsed(planned):
    """Messages whose holder was killed: half of them after the hand-over."""
    db.session.execute(
        text("""
            UPDATE messages SET state = 'sending', token = gen_random_uuid(), lease_until = now(), attempts = 1,
                handed_at = CASE WHEN id % 2 = 0 THEN now() END
        """)
    )
    lapse()


@pytest.fixture
def ended(monkeypatch):
    """The messages whose end was announced, one entry for each announcement."""
    told, real = [], events.announce

    def announce(facts, **about):
        told.extend(one.message_id for one in facts if isinstance(one, MessageEnded))
        return real(facts, **about)

    monkeypatch.setattr(outbox, "announce", announce)
    return told


def test_two_sweepers_free_each_message_once(both, lapsed, ended):
    freed = both(lambda _: sum(iter(lambda: sweep(most=20), 0)))

    assert sum(freed) == COUNT
    assert set(Counter(ended).values()) == {1}
    assert sorted(rows("SELECT state, count(*) FROM messages GROUP BY state")) == [
        ("due", COUNT // 2),
        ("unknown", COUNT // 2),
    ]


def test_a_sweeper_that_looks_first_and_frees_later_frees_twice(both, lapsed, ended, monkeypatch):
    """The negative control: what was lapsed when it was looked up is freed, whoever did so meanwhile."""
    seen = threading.Barrier(2)

    def look_then_free(self, *, most):
        found = db.session.execute(text("SELECT id FROM messages WHERE state = 'sending' ORDER BY id")).scalars().all()
        if not found:
            return []
        seen.wait(30)
        freed = text("""
            UPDATE messages SET state = 'unknown', token = NULL, lease_until = NULL, ended_at = now()
            WHERE id = ANY (:ids) RETURNING customer_id, id, state, channel, about_kind, about_id, ended_at
        """)
        return list(db.session.execute(freed, {"ids": list(found)}))

    monkeypatch.setattr(steps.Steps, "sweep", look_then_free)

    freed = both(lambda _: sweep())

    assert sum(freed) == 2 * COUNT
    assert set(Counter(ended).values()) == {2}
