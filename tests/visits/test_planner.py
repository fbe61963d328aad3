"""Planners that are killed again and again, four at once, give each fact one plan."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from loyalty.kernel.db import db

LONG = os.environ.get("LOYALTY_STORM") == "long"
FACTS, KILLS, PLANNERS = (5_000, 20, 4) if LONG else (1_200, 3, 2)
COMMAND = [sys.executable, "-m", "loyalty.cli", "run", "plans"]

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900 if LONG else 120)]

_FACTS = text("""
    INSERT INTO plan_facts (customer_id, trigger, sale_id, version, store_id, day, noted_at)
    SELECT :customer, 'service', n, 1, :store, date '2026-03-10', :now FROM generate_series(1, :count) AS n
""")


@pytest.fixture
def waiting(committed, serve, store, clock):
    """Many facts of one customer that wait for their plans."""
    customer_id = serve()
    values = {"customer": customer_id, "store": store, "now": clock.now, "count": FACTS}
    committed.execute(text("DELETE FROM plan_facts"))
    committed.execute(_FACTS, values)
    committed.commit()


def counted(statement):
    found = db.session.execute(text(statement)).scalar_one()
    db.session.rollback()
    return found


def test_killed_planners_give_each_fact_one_plan(waiting):
    dice = random.Random(5)
    running, kills = [], 0
    while kills < KILLS:
        running = [one for one in running if one.poll() is None]
        while len(running) < PLANNERS:
            running.append(subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(dice.uniform(1.5, 3.5))
        victim = dice.choice(running)
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        kills += 1
    for one in running:
        one.wait(timeout=120)
    subprocess.run(COMMAND, check=True, capture_output=True, timeout=120)

    assert counted("SELECT count(*) FROM plans") == FACTS
    assert counted("SELECT count(DISTINCT key) FROM plans") == FACTS
    assert counted("SELECT count(*) FROM plan_steps") == 2 * FACTS
    assert counted("SELECT count(*) FROM plan_facts WHERE planned_at IS NULL") == 0
