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
LOOSE = [sys.executable, "-m", "tests.visits.loose_planner"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800 if LONG else 120)]

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


def killed_planners(command, kills):
    """Let planners work side by side, kill one of them again and again, and let the last ones end; return the kills."""
    dice = random.Random(5)
    running = []
    for _ in range(kills):
        running = [one for one in running if one.poll() is None]
        while len(running) < PLANNERS:
            running.append(subprocess.Popen(command, **QUIET))
        time.sleep(dice.uniform(1.5, 3.5))
        victim = dice.choice(running)
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
    for one in running:
        one.wait(timeout=600)


def test_killed_planners_give_each_fact_one_plan(waiting, figure):
    killed_planners(COMMAND, KILLS)
    subprocess.run(COMMAND, check=True, capture_output=True, timeout=600)

    named = f"{PLANNERS} planners, {KILLS} kills"
    expected = {"plans": FACTS, "keys": FACTS, "steps": 2 * FACTS, "waiting": 0}
    found = {
        "plans": counted("SELECT count(*) FROM plans"),
        "keys": counted("SELECT count(DISTINCT key) FROM plans"),
        "steps": counted("SELECT count(*) FROM plan_steps"),
        "waiting": counted("SELECT count(*) FROM plan_facts WHERE planned_at IS NULL"),
    }
    for what, number in found.items():
        figure(named, what, number, expected[what])
    assert found == expected


def test_without_the_lock_and_the_key_facts_are_planned_twice(waiting, figure, tmp_path):
    """The negative control: the same planners, without what keeps one from the facts of another."""
    db.session.execute(text("ALTER TABLE plans DROP CONSTRAINT uq_plans_customer_id_key"))
    db.session.commit()

    command = [*LOOSE, str(tmp_path), str(PLANNERS)]
    side_by_side = [subprocess.Popen(command, **QUIET) for _ in range(PLANNERS)]
    for one in side_by_side:
        one.wait(timeout=600)

    figure(
        "the same without lock and key", "plans", (plans := counted("SELECT count(*) FROM plans")), "above the facts"
    )
    assert plans > FACTS
