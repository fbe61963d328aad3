"""A reader that is killed amid its work loses nothing and doubles nothing; by hand, as the command does it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.links import queries, service
from loyalty.links.rules import Busy, Plan
from loyalty.sales.rules import parse_mapping
from tests.links.core import MAPPING, Core

ORDERS = 2_000

pytestmark = pytest.mark.processes


@pytest.fixture
def core_db(clones, worker_number):
    """A core database with some thousand orders."""
    with clones.empty(f"kill_w{worker_number}") as url:
        core = Core(url)
        core.run(
            "INSERT INTO order_lines"
            " SELECT 'A-' || n, 1, timestamp '2026-03-10 10:00', 'K-' || n % 50, '王建国', 10, 1, NULL, NULL,"
            " timestamp '2026-03-12 09:00' + n * interval '1 second', NULL"
            " FROM generate_series(1, :orders) AS n",
            orders=ORDERS,
        )
        yield core


@pytest.fixture
def linked(committed, stores, clock, core_db):
    """The link `dms` to that database."""
    common = {"code": "dms", "name": "DMS", "source": "dms", "stores": None, "now": clock.now, "by": SYSTEM}
    service.create_pull(url=core_db.url, plan=Plan("settled", parse_mapping(MAPPING)), **common)
    db.session.remove()


COMMAND = [sys.executable, "-m", "loyalty.cli", "run", "pull", "--link", "dms", "--json"]


def figures():
    db.session.rollback()
    return tuple(db.session.execute(text("SELECT count(*), count(DISTINCT number), sum(gross_minor) FROM sales")).one())


def kill_amid(victim):
    """Kill the reader as soon as its first batch is committed."""
    limit = time.monotonic() + 90
    while figures()[0] == 0:
        assert time.monotonic() < limit
        assert victim.poll() is None
        time.sleep(0.01)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()


@pytest.mark.usefixtures("linked")
def test_a_killed_reading_is_taken_up_and_comes_to_the_same(clock):
    kill_amid(subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    assert 0 < figures()[0] < ORDERS
    with pytest.raises(Busy):  # the lease of the dead one still runs
        service.pull(queries.link_by_code("dms"), now=clock.now, by=SYSTEM, by_hand=True)

    db.session.execute(text("UPDATE link_pulls SET lease_until = clock_timestamp()"))
    db.session.commit()
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=True, timeout=90)

    assert json.loads(done.stdout)["links"][0]["state"] == "done"
    assert figures() == (ORDERS, ORDERS, ORDERS * 1_000)
    again = service.pull(queries.link_by_code("dms"), now=clock.now, by=SYSTEM, by_hand=True)
    assert set(again.counts) == {"same"}
