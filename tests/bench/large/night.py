"""W4: the night over a large group, each step beside one statement by hand, and sales that go on meanwhile."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg

from jobs.schedule import STEPS
from loyalty.kernel.clock import end_of
from loyalty.kernel.heap import settle_heap
from loyalty.points.queries import audit
from tests.bench import pieces, product
from tests.bench.cost import against, costs
from tests.bench.machine import ROOT, Machine
from tests.bench.pieces import Sales, Side, measured
from tests.bench.report import Line

ZONE = "Asia/Shanghai"
LOOK_SECONDS = 0.02
MOST_LOCK_MS = 200
KILL_AFTER = 4.0
A_NIGHTS_SHARE = 200  # of the members' lots, at least, end with a night
KILLED_DAYS = timedelta(days=10)  # worth of lots lapse in the night that is killed
STEP = {step.name: step for step in STEPS}


def next_day(machine: Machine, members: int) -> date:
    """Return the first day with which a night's worth of lots ends; earlier runs have let those before it lapse."""
    with psycopg.connect(machine.plain_product_url) as connection:
        return connection.execute(
            "SELECT (expires_at AT TIME ZONE %s)::date - 1 FROM points_lots WHERE state = 'open'"
            " GROUP BY 1 HAVING count(*) >= %s ORDER BY 1 LIMIT 1",
            (ZONE, members // A_NIGHTS_SHARE),
        ).fetchone()[0]


def works(machine: Machine, members: int, day: date, now: datetime) -> list[Line]:
    """Measure the steps of the night after `day` on both sides, then the audit."""
    with psycopg.connect(machine.limit_url, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "night.sql").read_text())
        with product.application(machine):
            STEP["expire"].run(day - timedelta(days=1), now=now)  # what ended one by one before
        _ask(connection, "SELECT expire(%s)", end_of(day - timedelta(days=1), ZONE))
        least = {
            "expire": costs(machine, lambda: _ask(connection, "SELECT expire(%s)", end_of(day, ZONE))),
            "review": costs(machine, lambda: _ask(connection, "SELECT review(%s)", day)),
            "audit": costs(machine, lambda: _ask(connection, "SELECT audit_ledger()")),
        }
    with product.application(machine):
        settle_heap()  # as the worker does
        ours = {
            "expire": costs(machine, lambda: STEP["expire"].run(day, now=now)),
            "review": costs(machine, lambda: STEP["tier-review"].run(day, now=now)),
            "audit": costs(machine, audit),
        }
    if ours["audit"].result != [] or least["audit"].result != 0:
        raise SystemExit(f"the books are not clean: {ours['audit'].result}, {least['audit'].result}")
    lots = int(least["expire"].result)
    if ours["expire"].result["lots"] != lots:
        raise SystemExit(f"{ours['expire'].result} instead of {lots} lots")
    told = [
        against(
            f"W4 lots that lapse ({lots:,})", "us CPU a lot", ours["expire"], least["expire"], of=lots, must=3, goal=1.5
        ),
        against(
            f"W4 tier review ({members:,})",
            "us CPU a member",
            ours["review"],
            least["review"],
            of=members,
            must=4,
            goal=2,
        ),
        against("W4 audit from zero", "us CPU a member", ours["audit"], least["audit"], of=members),
    ]
    sys.stderr.write(f"expire {ours['expire'].result}\nreview {ours['review'].result}\n")
    return told


def settle(machine: Machine, now: datetime) -> None:
    """Let members have the levels that their multiplied visits reach, as sales would have made them rise at once."""
    with product.application(machine):
        STEP["tier-review"].run(now.date(), now=now)
    with psycopg.connect(machine.plain_product_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _ask(connection: psycopg.Connection, statement: str, *values: object) -> object:
    return connection.execute(statement, values).fetchone()[0]


def meanwhile(machine: Machine, side: Side, sales: Sales, day: date, seconds: float) -> list[Line]:
    """Measure sales alone, then while the night after `day` runs; tell the longest wait for a lock."""
    make = pieces.spread(side, sales)
    measured(side, make, pieces.created, seconds=1)
    told, longest = [], 0.0
    for step, words in (("tier-review", "tiers are reviewed"), ("expire", "points lapse")):
        alone = measured(side, make, pieces.created, seconds=seconds).rate.per_second
        with running(machine, step, day), watching(machine) as locks:
            beside = measured(side, make, pieces.created, seconds=seconds).rate.per_second
        told.append(Line(f"W4 sales while {words}", "/s", [beside], [alone], "alone", must=0.7))
        longest = max(longest, locks.longest)
    return [*told, Line("W4 longest wait for a lock", "ms", [longest * 1000], must=MOST_LOCK_MS)]


def killed(machine: Machine, day: date, now: datetime) -> Line:
    """Kill the expiry of many days in the middle, run it again, and return how many lots are wrong afterwards."""
    day += KILLED_DAYS
    with running(machine, "expire", day) as night:
        time.sleep(KILL_AFTER)
        night.kill()
        night.wait()
    with product.application(machine):
        if STEP["expire"].run(day, now=now)["lots"] == 0:
            raise SystemExit("the night was over before it was killed")
        findings = len(audit())
    with psycopg.connect(machine.plain_product_url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM points_lots WHERE state = 'open' AND expires_at <= %s", (end_of(day, ZONE),)
        ).fetchone()[0]
    return Line("W4 lots wrong after a kill", "", [float(findings + left)], must=0)


@contextmanager
def running(machine: Machine, step: str, day: date) -> Iterator[subprocess.Popen]:
    """Run a step by the command in a process of its own, and wait for it."""
    command = [sys.executable, "-m", "loyalty.cli", "run", step, "--as-of", day.isoformat(), "--json"]
    process = subprocess.Popen(command, env=machine.environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.wait(3600)


@dataclass
class Locks:
    """The longest time that any statement was seen waiting for a lock, in seconds."""

    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watching(machine: Machine) -> Iterator[Locks]:
    """Look again and again who waits for a lock, and since when."""
    locks = Locks()

    def look() -> None:
        with psycopg.connect(machine.superuser_url, autocommit=True) as connection:
            while not locks.over.wait(LOOK_SECONDS):
                (longest,) = connection.execute("""
                    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float
                    FROM pg_locks WHERE NOT granted AND waitstart IS NOT NULL
                """).fetchone()
                locks.longest = max(locks.longest, longest)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield locks
    finally:
        locks.over.set()
        watcher.join()
