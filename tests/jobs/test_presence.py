"""Tickers and workers show that they are there; a second machine joins with the two URLs alone."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from jobs.runner import queue_named, ring
from jobs.schedule import carry_out, plan_nights
from jobs.ticker import Ticker
from loyalty.kernel import presence, schedule
from loyalty.kernel.db import database_now, db

PATIENCE = 120
URLS = ("LOYALTY_DATABASE_URL", "LOYALTY_REDIS_URL")

pytestmark = pytest.mark.processes


def told():
    db.session.rollback()
    return {(one.labels["kind"], one.labels["queue"]): one.value for one in presence.measures()}


def test_a_ticker_shows_that_it_looks(app, committed, valkey):
    assert told() == {}

    Ticker(app, valkey).look()

    assert 0 <= told()["ticker", ""] < 60


def test_a_process_that_is_seen_again_is_one_row_and_one_that_is_gone_grows_older(committed):
    presence.be_seen("ticker")
    db.session.execute(
        text("UPDATE processes_seen SET seen_at = seen_at - interval '1 hour', since = since - '1 day'::interval")
    )
    db.session.commit()
    old = told()["ticker", ""]

    presence.be_seen("ticker")

    assert old >= 3_600 > told()["ticker", ""]
    assert db.session.execute(text("SELECT host, seen_at - since > interval '1 day' FROM processes_seen")).all() == [
        (socket.gethostname(), True)
    ]


def test_a_worker_on_another_machine_works_and_is_seen_with_the_two_urls_alone(committed, valkey, tmp_path):
    plan_nights(database_now())
    (night,) = schedule.due_ids()
    db.session.commit()
    ring(queue_named("night", valkey), carry_out, night, slot=1)
    alone = {name: os.environ[name] for name in URLS} | {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}

    worker = subprocess.Popen([sys.executable, "-m", "loyalty.cli", "worker", "night"], env=alone, cwd=tmp_path)
    try:
        limit = time.monotonic() + PATIENCE
        while schedule.due_ids() or ("worker", "night") not in told():
            assert worker.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(PATIENCE)

    assert told()["worker", "night"] < PATIENCE
