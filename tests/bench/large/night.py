"""W4: the night over a large group, each step beside one statement by hand, and sales that go on meanwhile."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg

from jobs.schedule import STEPS
from loyalty.kernel.clock import end_of
from loyalty.points.queries import audit
from tests.bench import pieces, product
from tests.bench.machine import ROOT, Machine, Meter
from tests.bench.pieces import Sales, Side, measured
from tests.bench.report import Line

ZONE = "Asia/Shanghai"
LOOK_SECONDS = 0.02
MOST_LOCK_MS = 200
KILL_AFTER = 4.0
STEP = {step.name: step for step in STEPS}


@dataclass
class Cost:
    """What one piece of the night took: CPU of this process and of PostgreSQL, and seconds by the clock."""

    cpu: float
    wall: float
    result: object


def costs(machine: Machine, work: Callable[[], object]) -> Cost:
    """Do the work and return what it cost."""
    postgres, own, began = Meter(machine.postgres()), time.process_time(), time.perf_counter()
    result = work()
    return Cost(time.process_time() - own + postgres.seconds(), time.perf_counter() - began, result)


def works(machine: Machine, members: int, now: datetime) -> list[Line]:
    """Measure the steps of one night on both sides, then the audit."""
    day = now.date() + timedelta(days=31)
    with psycopg.connect(machine.limit_url, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "night.sql").read_text())
        least = {
            "expire": costs(machine, lambda: _ask(connection, "SELECT expire(%s)", end_of(day, ZONE))),
            "review": costs(machine, lambda: _ask(connection, "SELECT review(%s)", day)),
            "audit": costs(machine, lambda: _ask(connection, "SELECT audit_ledger()")),
        }
    with product.application(machine):
        ours = {
            "expire": costs(machine, lambda: STEP["expire"].run(day, now=now)),
            "review": costs(machine, lambda: STEP["tier-review"].run(day, now=now)),
            "audit": costs(machine, audit),
        }
    if ours["audit"].result != [] or least["audit"].result != 0:
        raise SystemExit(f"the books are not clean: {ours['audit'].result}, {least['audit'].result}")
    lots = int(least["expire"].result)
    told = [
        _line(f"W4 lots that lapse ({lots:,})", "us CPU a lot", ours["expire"], least["expire"], lots, 3, 1.5),
        _line(f"W4 tier review ({members:,})", "us CPU a member", ours["review"], least["review"], members, 4, 2),
        _line("W4 audit from zero", "us CPU a member", ours["audit"], least["audit"], members, None, None),
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


def _line(piece: str, unit: str, own: Cost, least: Cost, of: int, must: float | None, goal: float | None) -> Line:
    """Return a line whose bound is own / limit, which is to be low."""
    each = 1_000_000 / of
    return Line(
        piece,
        f"x the limit ({own.cpu * each:.1f} / {least.cpu * each:.1f} {unit})",
        [own.cpu / least.cpu],
        must=must,
        goal=goal,
        notes=f"{own.wall:.1f} s / {least.wall:.1f} s",
    )


def meanwhile(machine: Machine, side: Side, sales: Sales, day: date, seconds: float) -> list[Line]:
    """Measure sales alone, then while the tier review of the day runs; tell the longest wait for a lock."""
    make = pieces.spread(side, sales)
    alone = measured(side, make, pieces.created, seconds=seconds)
    with running(machine, "tier-review", day), watching(machine) as locks:
        beside = measured(side, make, pieces.created, seconds=seconds)
    return [
        Line(
            "W4 sales while tiers are reviewed",
            "/s",
            [beside.rate.per_second],
            [alone.rate.per_second],
            "alone",
            must=0.7,
        ),
        Line("W4 longest wait for a lock", "ms", [locks.longest * 1000], must=MOST_LOCK_MS),
    ]


def killed(machine: Machine, day: date, now: datetime) -> Line:
    """Kill the expiry in the middle, run it again, and return how many lots are wrong afterwards."""
    with running(machine, "expire", day) as night:
        time.sleep(KILL_AFTER)
        night.kill()
        night.wait()
    with product.application(machine):
        STEP["expire"].run(day, now=now)
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
