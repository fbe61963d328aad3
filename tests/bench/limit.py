"""The limit's side of the data, and what it has afterwards."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import psycopg

from tests.bench.history import STORE, batches, customer
from tests.bench.machine import Machine
from tests.bench.worth import Holdings

TOKEN = "limit" * 8
ZONE = "Asia/Shanghai"


def seed(machine: Machine, members: int, now: datetime) -> None:
    """Write client, store, rule and members, then their history by the function that W1 is measured with."""
    token = hashlib.sha256(TOKEN.encode()).digest()
    with psycopg.connect(machine.limit_url, autocommit=True) as connection:
        connection.execute("INSERT INTO clients VALUES (%s, 1, '{sales.write,points.read}', NULL)", (token,))
        connection.execute("INSERT INTO stores VALUES (%s, 1, %s)", (STORE, ZONE))
        connection.execute("INSERT INTO rules VALUES (1, true, 100, 1)")
        with connection.cursor().copy("COPY customers (number) FROM STDIN") as copy:
            for member in range(members):
                copy.write_row((customer(member),))
        connection.execute("INSERT INTO accounts SELECT id, 0, 'basic' FROM customers")
        for batch in batches(members, now):
            connection.execute("SELECT record_sales(%s, %s::jsonb, %s)", (token, json.dumps(batch), now))
        connection.execute("VACUUM ANALYZE")


def numbers(places: Iterable[int]) -> list[str]:
    """Return the numbers by which the limit knows the members at these places."""
    return [customer(place) for place in places]


def holdings(machine: Machine) -> Holdings:
    """Return what the members have."""
    with psycopg.connect(machine.limit_url) as connection:
        levels = connection.execute("SELECT level, count(*) FROM accounts GROUP BY 1").fetchall()
        sums = connection.execute("""
            SELECT (SELECT count(*) FROM sales), (SELECT sum(available)::bigint FROM accounts),
                (SELECT count(*) FROM lots), (SELECT sum(remaining)::bigint FROM lots),
                (SELECT sum(spend)::bigint FROM tier_days)
        """).fetchone()
    return Holdings(*sums, levels=dict(levels))
