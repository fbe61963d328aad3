"""A large group: imported once, its history multiplied inside each customer, and copied to the limit's tables."""

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import product as pairs
from pathlib import Path

import psycopg

from loyalty.kernel.actor import SYSTEM
from loyalty.sales.rules import parse_mapping
from loyalty.sales.service import import_file
from tests.bench import files, product
from tests.bench.history import SEED
from tests.bench.machine import Machine

TIMES = 4  # further visits of each customer; two postings each, so five visits make ten
APART = 60  # days between them
FAR = 1_000_000_000  # what their ids have more than the first visit's
# Lots end from a month on, each night its share of them.
_END = "date_trunc('day', {earned_at}) + interval '330 days 16 hours'"
_SPREAD = "UPDATE points_lots SET expires_at = " + _END.format(earned_at="earned_at")  # noqa: S608 - our own names
NAMES = [family + given for family, given in pairs(files.FAMILY, files.GIVEN)]

# The tables of a sale and what it brought, and how a row of the k-th further visit differs from that of the first.
BACK = f"interval '{APART} days' * k"
COPIES = {
    "sales": {
        "id": f"id + {FAR}::bigint * k",
        "number": "number || '-' || k",
        "occurred_at": f"occurred_at - {BACK}",
        "business_day": f"business_day - {APART} * k",
        "recorded_at": f"recorded_at - {BACK}",
    },
    "sale_lines": {"sale_id": f"sale_id + {FAR}::bigint * k"},
    "sale_numbers": {"number": "number || '-' || k", "sale_id": f"sale_id + {FAR}::bigint * k", "row_hash": "NULL"},
    "ledger_transactions": {
        "id": f"id + {FAR}::bigint * k",
        "key": f"'earn:' || source_id + {FAR}::bigint * k || substr(key, length('earn:' || source_id) + 1)",
        "source_id": f"source_id + {FAR}::bigint * k",
        "source_number": "source_number || '-' || k",
        "occurred_at": f"occurred_at - {BACK}",
        "booked_at": f"booked_at - {BACK}",
        "business_day": f"business_day - {APART} * k",
    },
    "ledger_postings": {"transaction_id": f"transaction_id + {FAR}::bigint * k"},
    "points_lots": {
        "id": f"id + {FAR}::bigint * k",
        "transaction_id": f"transaction_id + {FAR}::bigint * k",
        "earned_at": f"earned_at - {BACK}",
        "expires_at": _END.format(earned_at=f"(earned_at - {BACK})"),
    },
    "award_lines": {"sale_id": f"sale_id + {FAR}::bigint * k"},
    "tier_days": {"day": f"day - {APART} * k"},
}


def write(path: Path, members: int, today: date) -> None:
    """Write a file with one sale of each of `members` new customers, each with a name, a phone and a vehicle."""
    dice = random.Random(SEED)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(files.HEADER)
        for member in range(members):
            name = dice.choice(NAMES) + dice.choice(files.GIVEN)
            vin = "LSV" + "".join(dice.choices(files.VIN, k=7)) + f"{member:07}"
            day = today - timedelta(days=dice.randrange(APART))
            amount = f"{dice.randrange(100, 3000)}.00"
            out.writerow((f"L{member:07}", f"L{member:07}", name, f"13{member:09}", vin, day.isoformat(), amount))


def grow(machine: Machine, members: int, now: datetime) -> None:
    """Import the members by the product, and give each four visits more, with all that they brought."""
    path = machine.folder / "members.csv"
    write(path, members, now.date())
    with psycopg.connect(machine.plain_product_url) as connection:
        first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM customers").fetchone()[0]
    with product.application(machine):
        import_file(
            path, parse_mapping(files.MAPPING), dry_run=False, now=now, by=SYSTEM, most_bytes=1 << 30, side_by_side=True
        )
    path.unlink()
    with roomy(machine), psycopg.connect(machine.above_product_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # rows that are consistent by their making
        for table, changes in COPIES.items():
            if table == "points_lots":
                connection.execute(_SPREAD)  # of the first visits, before there are five times as many
            with bare(connection, table):
                connection.execute(_copies(connection, table, changes), {"first": first})
        connection.execute("""
            UPDATE points_accounts a SET available = s.points
            FROM (SELECT customer_id, account_id, sum(remaining) AS points FROM points_lots GROUP BY 1, 2) s
            WHERE a.customer_id = s.customer_id AND a.id = s.account_id
        """)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def roomy(machine: Machine) -> Iterator[None]:
    """Let the server write a long log between checkpoints and sort in memory, as it does not when it is measured."""
    settings = {"max_wal_size": "3GB", "maintenance_work_mem": "1GB", "synchronous_commit": "off"}
    with psycopg.connect(machine.superuser_url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
        yield
        for name in settings:
            connection.execute(f"ALTER SYSTEM RESET {name}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CHECKPOINT")


@contextmanager
def bare(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Take the indexes away that belong to no constraint, and build them again: quicker than row by row."""
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i"
        " LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid WHERE i.indrelid = %s::regclass AND c.oid IS NULL",
        (table,),
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        connection.execute(definition)


def _copies(connection: psycopg.Connection, table: str, changes: dict[str, str]) -> str:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        (table,),
    ).fetchall()
    columns = [name for (name,) in found]
    told = ", ".join(changes.get(column, column) for column in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - names of our own
        f"SELECT {told} FROM {table}, generate_series(1, {TIMES}) AS k WHERE customer_id >= %(first)s"
    )


def copy_to_limit(machine: Machine) -> None:
    """Give the limit's tables the same members, lots, postings and days."""
    with (
        roomy(machine),
        psycopg.connect(machine.plain_product_url) as ours,
        psycopg.connect(machine.limit_url) as theirs,
    ):
        theirs.execute(
            "TRUNCATE customers, accounts, sale_numbers, sales, sale_lines, transactions, postings, lots, tier_days"
        )
        for target, query in {
            "customers (id, number)": "SELECT c.id, e.number FROM customers c"
            " JOIN external_numbers e ON e.customer_id = c.id",
            "accounts": "SELECT a.customer_id, available, level_code FROM points_accounts a"
            " JOIN tier_standings t USING (customer_id) WHERE unit = 'points'",
            "transactions (customer_id, id, kind, key, sale_id, rule_version, booked_at)": "SELECT customer_id, id,"
            " kind, key, source_id, 1, booked_at FROM ledger_transactions",
            "postings": "SELECT customer_id, transaction_id, CASE place WHEN 'available' THEN 'member' ELSE place END,"
            " points FROM ledger_postings",
            "lots (customer_id, id, transaction_id, points, remaining, expires_at)": "SELECT customer_id, id,"
            " transaction_id, points, remaining, expires_at FROM points_lots",
            "tier_days": "SELECT customer_id, day, sum(net_minor)::bigint, count(*)::int FROM tier_days GROUP BY 1, 2",
        }.items():
            with (
                ours.cursor().copy(f"COPY ({query}) TO STDOUT") as out,
                theirs.cursor().copy(f"COPY {target} FROM STDIN") as into,
            ):
                for part in out:
                    into.write(part)
    with psycopg.connect(machine.limit_url, autocommit=True) as theirs:
        theirs.execute("CREATE INDEX ON lots (expires_at) WHERE remaining > 0")  # as the product has one
        for table in ("customers", "transactions", "lots"):
            theirs.execute(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")  # noqa: S608 - as above
        theirs.execute("VACUUM ANALYZE")


def size(machine: Machine) -> dict[str, int]:
    """Return members, postings and gigabytes of the product's database."""
    with psycopg.connect(machine.plain_product_url) as connection:
        members, postings, used = connection.execute("""
            SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM ledger_postings),
                pg_database_size(current_database()) / 1000000000
        """).fetchone()
    return {"members": members, "postings": postings, "gigabytes": used}
