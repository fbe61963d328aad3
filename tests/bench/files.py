"""W3: one file of sales through the product's import and through the limit's, then the same file again."""

import csv
import json
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from tests.bench import limit_import
from tests.bench.history import SEED, STORE
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Line

HEADER = ("number", "customer", "name", "phone", "vin", "day", "amount")
ROWS = 50_000
MANY_ROWS = 100_000
MOST_MEGABYTES = 400
EVERY_BAD = 1_000  # one row of a thousand cannot be taken
MAPPING = {
    "source": "file",
    "amount": "net",
    "columns": {
        "number": "number",
        "customer_no": "customer",
        "customer_name": "name",
        "phone": "phone",
        "vin": "vin",
        "date": "day",
        "amount": "amount",
        "store": {"value": STORE},
        "currency": {"value": "CNY"},
        "kind": {"value": "service"},
    },
}
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉建国志红"
DAYS = 330
VIN = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Imported:
    """What one import took, and what it came to."""

    seconds: float
    rows: int
    taken: int
    rejected: int
    megabytes: float


def write(path: Path, rows: int, round_number: int, today: date) -> int:
    """Write a file of sales of new customers and vehicles, two or three each; return how many rows are bad."""
    dice = random.Random(SEED + round_number)
    bad = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in range(rows):
            buyer = dice.randrange(rows * 2 // 5)
            name = FAMILY[buyer % 30] + GIVEN[buyer // 30 % 30] + GIVEN[buyer // 900 % 30]
            day = (today - timedelta(days=dice.randrange(1, DAYS))).isoformat()
            amount = f"{dice.randrange(10_000, 600_000) / 100:.2f}"
            vin = f"LB{round_number}{VIN[buyer % 32]}{buyer:013}"
            cells = [f"F{round_number}-{row:07}", f"F{round_number}-{buyer:07}", name, _phone(round_number, buyer), vin]
            if row % EVERY_BAD == EVERY_BAD // 2:
                amount, bad = "twelve", bad + 1
            writer.writerow([*cells, day, amount])
    return bad


def _phone(round_number: int, buyer: int) -> str:
    return f"13{round_number % 10}{buyer:08}"


def by_product(machine: Machine, path: Path) -> Imported:
    """Import the file in a process of its own, whose memory is seen at the end."""
    command = [sys.executable, "-m", "tests.bench.product_import", str(path)]
    done = subprocess.run(command, env=machine.environ, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the product's import failed:\n{done.stderr[-2000:]}")
    return Imported(**json.loads(done.stdout.splitlines()[-1]))


def by_limit(machine: Machine, path: Path, rows: int, today: date) -> Imported:
    """Import the file by the limit's statements."""
    with psycopg.connect(machine.limit_url) as connection:
        taken, rejected, seconds = limit_import.import_file(connection, path, today)
    return Imported(seconds, rows, taken, rejected, 0)


def works(machine: Machine, rounds: int, now: datetime) -> list[Line]:
    """Return the lines of W3."""
    today = now.astimezone(UTC).date()
    with psycopg.connect(machine.limit_url) as connection:
        limit_import.prepare(connection)
    first: dict[str, list[float]] = {"limit": [], "product": []}
    again: dict[str, list[float]] = {"limit": [], "product": []}
    for number in range(1, rounds + 1):
        path = machine.folder / f"sales-{number}.csv"
        bad = write(path, ROWS, number, today)
        for figures, fresh in ((first, ROWS - bad), (again, 0)):
            for name, done in (
                ("limit", by_limit(machine, path, ROWS, today)),
                ("product", by_product(machine, path)),
            ):
                _check(name, done, fresh, bad)
                figures[name].append(done.rows / done.seconds)
    path = machine.folder / "sales-many.csv"
    bad = write(path, MANY_ROWS, rounds + 1, today)
    many = by_product(machine, path)
    _check("product", many, MANY_ROWS - bad, bad)
    return [
        Line("W3 import", "rows/s", first["product"], first["limit"], must=0.3, goal=0.5),
        Line("W3 the same file again", "rows/s", again["product"], again["limit"], goal=0.5),
        Line("W3 peak memory, 100,000 rows", "MB", [many.megabytes], must=MOST_MEGABYTES),
    ]


def _check(name: str, done: Imported, fresh: int, bad: int) -> None:
    if (done.taken, done.rejected) != (fresh, bad):
        raise SystemExit(f"{name} took {done.taken} and rejected {done.rejected} rows; {fresh} and {bad} were right")
