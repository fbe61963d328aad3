"""The processes of a storm: one parent that has the application loaded, and forks workers and a ticker of it.

`python -m tests.messaging.mailroom FOLDER run fast|falls|loose COUNT CUSTOMERS SECONDS` writes a dealer and messages,
half of them due at once and half that many seconds later, and keeps two workers and a ticker alive until it is killed,
with a short lease and a provider that fails in every way. In `falls` a process dies right after the provider took every
twentieth message for the first time, with nothing of it written; `loose` does the same with the hand-over taken away:
the negative control.
`… FOLDER rest` sends and settles what is left when all others have stopped.
"""

import os
import random
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import jobs.ticker
from jobs.ticker import Ticker
from jobs.worker import run_worker
from loyalty import wiring
from loyalty.app import create_app
from loyalty.customers.sealed import blind, seal_identifier
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import batch, database_now, db, transaction
from loyalty.messaging import adapters
from loyalty.messaging.ports import Answer
from loyalty.messaging.rules import CHANNELS, NewMessage, states
from loyalty.messaging.service import TemplateDraft, ensure_templates, outbox, plan, sending, steps, sweep
from loyalty.programme.service import load_file
from tests.messaging.conftest import ANY_HOUR, READY

LEASE = timedelta(seconds=3)
LOG = "provider.log"
LOOK_SECONDS = 0.5
EVERY = 20


class Provider:
    """Takes most messages, writes each that it took on a line of its log, and fails in all other ways now and then."""

    dedupes = False
    lanes = 1
    falls = False

    def __init__(self, folder):
        self.log = folder / LOG

    def take(self, outgoing):
        opened = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(opened, f"{outgoing.key}\n".encode())
        finally:
            os.close(opened)
        if self.falls and int(outgoing.key.removeprefix("m")) % EVERY == 0 and self.times(outgoing.key) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def times(self, key):
        """Return how often it took a message."""
        return self.log.read_text().split().count(key)

    def send(self, outgoing, *, seconds):
        assert seconds > 0
        time.sleep(0.002)
        chance = random.random()
        if chance < 0.03:
            return Answer("busy", detail="429")
        if chance < 0.04:
            return Answer("refused", detail="400")
        if chance < 0.05:
            return Answer("lost", detail="cut before it arrived")
        self.take(outgoing)
        return Answer("lost", detail="answer cut") if chance < 0.06 else Answer("accepted", outgoing.key)


def hurry():
    """Let leases and pauses be short, so that a storm of seconds holds what would take hours."""
    steps.LEASE = sending.LEASE = LEASE
    steps.SPARE = timedelta(seconds=1)
    sending.CALLS_WITHIN = LEASE.total_seconds() / 2
    states.FIRST_PAUSE = timedelta(seconds=0.2)
    jobs.ticker.LOOK_SECONDS = LOOK_SECONDS
    jobs.ticker.RING_AGAIN_SECONDS = 2
    jobs.ticker.PATIENCE_SECONDS = 3


def loosen():
    """Take the hand-over away: whoever has claimed a message sends it, and nothing is written before the call."""

    def hand_over(channel, token, keys, *, dedupes):
        parcels = real(channel, token, keys, dedupes=dedupes)
        with transaction() as session:
            session.execute(text("UPDATE messages SET handed_at = NULL WHERE token = :token"), {"token": token})
        return parcels

    real = outbox.hand_over
    outbox.hand_over = hand_over


def finish_the_rest():
    """Wait until no lease runs, settle what was answered late, and send what is due by that."""
    time.sleep(LEASE.total_seconds() + 0.5)
    while sweep() or sending.drain("sms") or rests():
        time.sleep(0.1)


def rests():
    """Return whether anything still waits for its next try."""
    db.session.rollback()
    return bool(db.session.scalar(text("SELECT count(*) FROM messages WHERE state IN ('due', 'sending')")))


def write_messages(count, customers, *, later=timedelta(0)):
    """Write customers who can be reached, and messages to them in turn."""
    now = database_now()
    if ensure_templates([TemplateDraft("ready", "Ready", "service", READY)], now=now):
        gate = {"kind": "gate", "effective_from": "2020-01-01", "body": ANY_HOUR}
        load_file({"programme": "storm", "versions": [gate]}, now=now, by=SYSTEM)
    ids = write_people(customers)
    for at in range(0, count, 1_000):
        messages = [
            NewMessage(
                f"storm:{number}",
                ids[number % len(ids)],
                "ready",
                now + later * (number % 2),
                {"name": "王"},
                channel="sms",
            )
            for number in range(at, min(at + 1_000, count))
        ]
        plan(messages, now=now, by=SYSTEM)


def write_people(count, kind="phone", pattern="+86138{:08d}"):
    """Write customers with an address each, as fast as it can be; return their ids."""
    with transaction() as session:
        made = session.execute(
            text("""
                INSERT INTO customers (kind, name, name_key, language, state, created_at)
                SELECT 'person', 'Storm', 'storm', 'zh_Hans_CN', 'active', now() FROM generate_series(1, :count)
                RETURNING id
            """),
            {"count": count},
        )
        ids = [row.id for row in made]
        addresses = [
            {"customer_id": at, "sealed": seal_identifier(at, address), "blind": blind(kind, address)}
            for at, address in ((at, pattern.format(at)) for at in ids)
        ]
        session.execute(
            text("""
                INSERT INTO identifiers (customer_id, kind, sealed, blind, created_at)
                SELECT customer_id, :kind, sealed, blind, now()
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, sealed bytea, blind bytea)
            """),
            {"kind": kind, "rows": batch(addresses)},
        )
    return ids


def work(app):
    run_worker(app, "messages", os.environ["LOYALTY_REDIS_URL"])


def tick(app):
    with app.app_context():
        db.engine.dispose(close=False)
    Ticker(app, Redis.from_url(os.environ["LOYALTY_REDIS_URL"], socket_timeout=2)).run()


def keep_alive(app, roles):
    """Fork a process for each role, and another whenever one dies; tell their pids in a file."""
    running = {}
    while True:
        for number, role in enumerate(roles):
            if number not in running.values():
                pid = os.fork()
                if pid == 0:
                    play(app, role)
                running[pid] = number
        gone, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(gone, None)
        time.sleep(0.05)


def play(app, role):
    """Play a role to its end; engines that are away are no reason to write a page of where it was noticed."""
    try:
        role(app)
    except (RedisError, OperationalError):
        os._exit(2)
    finally:
        os._exit(0)


def main(folder, command, *words):
    provider = Provider(Path(folder))
    wiring.WAYS = lambda settings: replace(adapters.ways(settings), carriers=dict.fromkeys(CHANNELS, provider))
    app = create_app({})
    hurry()
    if command == "rest":
        with app.app_context():
            finish_the_rest()
        return
    how, *planned = words
    provider.falls = how != "fast"
    if how == "loose":
        loosen()
    count, customers, later = map(int, planned)
    with app.app_context():
        write_messages(count, customers, later=timedelta(seconds=later))
        db.engine.dispose()
    keep_alive(app, [work, work, tick])


if __name__ == "__main__":
    main(*sys.argv[1:])
