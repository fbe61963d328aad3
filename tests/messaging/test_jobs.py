"""The bells of messages: a queue is only a doorbell, and a ticker does without it."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text

from jobs.ticker import PATIENCE_SECONDS, Ticker
from loyalty.kernel.db import db
from loyalty.messaging.queries import drains_due, message_measures, sweeps_due
from loyalty.messaging.queries.channels import FOR_ONE_HAND, HANDS
from loyalty.messaging.rules import CHANNELS
from loyalty.messaging.service import drain
from tests.messaging.conftest import lapse, row

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("committed", "always_open")]


def test_without_a_queue_the_ticker_sends_by_itself_after_half_a_minute(app, person, planned, carrier, tmp_path):
    message = planned(person())
    seconds = [100.0]
    ticker = Ticker(
        app, Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0)), seconds=lambda: seconds[0]
    )

    ticker.look()
    seconds[0] += PATIENCE_SECONDS - 0.1
    ticker.look()
    assert carrier.got == []

    seconds[0] += 0.1
    ticker.look()
    db.session.rollback()
    assert row(message)["state"] == "sent"


def test_each_channel_rings_for_as_many_hands_as_it_has_work_for(person, planned):
    message = planned(person())
    assert drains_due() == [CHANNELS.index("sms")]

    db.session.execute(
        text("""
            INSERT INTO messages (customer_id, dedupe_key, version_id, purpose, channel, language, due_at, next_at,
                planned_at, planned_by)
            SELECT customer_id, 'more:' || n, version_id, purpose, channel, language, due_at, next_at, planned_at, 'x'
            FROM messages, generate_series(1, :more) AS n WHERE id = :id
        """),
        {"id": message, "more": FOR_ONE_HAND},
    )
    db.session.commit()

    assert drains_due() == [CHANNELS.index("sms"), CHANNELS.index("sms") + HANDS]


def test_a_lapsed_lease_rings_for_the_sweep(person, planned):
    message = planned(person())
    assert sweeps_due() == []
    db.session.execute(
        text("UPDATE messages SET state = 'sending', token = gen_random_uuid(), lease_until = now() WHERE id = :id"),
        {"id": message},
    )
    lapse()

    assert sweeps_due() == [1]


def test_the_figures_tell_what_waits_what_is_unclear_and_what_is_in_somebodys_hands(person, planned, carrier, clock):
    unclear, held = planned(person()), planned(person())
    carrier.usual = "lost"
    db.session.execute(text("UPDATE messages SET next_at = now() + interval '1 day' WHERE id = :id"), {"id": held})
    drain("sms")
    waits = planned(person())
    for message, change in (
        (waits, text("UPDATE messages SET next_at = now() - interval '90 seconds' WHERE id = :id")),
        (
            held,
            text(
                "UPDATE messages SET state = 'sending', token = gen_random_uuid(), lease_until = now() WHERE id = :id"
            ),
        ),
    ):
        db.session.execute(change, {"id": message})
    db.session.commit()

    told = {one.name: one.value for one in message_measures()}

    assert row(unclear)["state"] == "unknown"
    assert 90 <= told["loyalty_messages_waiting_seconds"] < 600
    assert (told["loyalty_messages_unknown"], told["loyalty_messages_claimed"]) == (1, 1)
