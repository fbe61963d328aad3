"""An opt-out races the send: after it is committed nothing is handed over.

A short run belongs to every test run; LOYALTY_STORM=long takes 1,000 customers.
"""

import os
import random
import threading

import pytest
from flask import current_app
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import database_now, db
from loyalty.messaging.rules import ALLOWED, NewMessage
from loyalty.messaging.service import drain, opt_out, outbox, plan
from tests.messaging.conftest import LONG_AGO, make_due
from tests.messaging.mailroom import write_people

LONG = os.environ.get("LOYALTY_STORM") == "long"
CUSTOMERS = 1_000 if LONG else 120
HANDS = 2

pytestmark = pytest.mark.usefixtures("committed", "always_open", "templates")


@pytest.fixture
def race(carrier, clock):
    """Return a function that lets both run; it gives handed-over and opted-out moments by customer."""
    ids = write_people(CUSTOMERS)
    db.session.execute(
        text("""
            INSERT INTO consent_events (customer_id, purpose, channel, granted, at, by_kind, by_name)
            SELECT id, 'marketing', 'sms', true, now() - interval '1 day', 'staff', 'race'
            FROM unnest(CAST(:ids AS bigint[])) AS id
        """),
        {"ids": ids},
    )
    db.session.commit()
    messages = [
        NewMessage(f"race:{at}", at, "offer", LONG_AGO, {"name": "王"}, channel="sms", about_kind="race", about_id=at)
        for at in ids
    ]
    plan(messages, now=clock.now, by=SYSTEM)
    app = current_app._get_current_object()
    gone = {}
    go = threading.Barrier(HANDS + 2)

    def send():
        with app.app_context():
            go.wait()
            while drain("sms", seconds=5):
                pass

    def leave(mine):
        with app.app_context():
            go.wait()
            for customer_id in mine:
                opt_out([customer_id], ["sms"], proof="race", now=database_now(), by=SYSTEM)
                gone[customer_id] = database_now()  # the commit came before this moment
                db.session.rollback()

    def race():
        carrier.on_send = lambda _: threading.Event().wait(0.01)  # so that both last about as long
        leaving = random.Random(1).sample(ids, len(ids))
        threads = [threading.Thread(target=send) for _ in range(HANDS)]
        threads += [threading.Thread(target=leave, args=(leaving[turn::2],)) for turn in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        make_due()  # whoever was held by an opt-out at that moment is asked about once more
        drain("sms", seconds=20)
        rows = db.session.execute(text("SELECT customer_id, handed_at FROM message_attempts")).all()
        return {row.customer_id: row.handed_at for row in rows}, gone

    return race


def late(handed, gone):
    return [at for at, moment in handed.items() if moment > gone[at]]


def test_nothing_is_handed_over_after_an_opt_out_is_committed(race):
    handed, gone = race()

    assert len(gone) == CUSTOMERS
    assert 0 < len(handed) < CUSTOMERS  # both won sometimes
    assert late(handed, gone) == []
    states = dict(db.session.execute(text("SELECT state, count(*) FROM messages GROUP BY state")).all())
    assert states == {"sent": len(handed), "denied": CUSTOMERS - len(handed)}


def test_without_the_gate_at_the_hand_over_messages_go_out_after_the_opt_out(race, monkeypatch):
    """The negative control: what was allowed when it was planned is simply sent."""
    monkeypatch.setattr(outbox, "decide", lambda *_, **__: ALLOWED)

    handed, gone = race()

    assert late(handed, gone)
