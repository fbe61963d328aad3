"""The product's side of the data, written by its own services, and what it has afterwards."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import psycopg
from flask import Flask

from loyalty.app import create_app
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.db import db
from loyalty.membership.rules import number_of
from loyalty.programme.service import load_file
from loyalty.sales.schemas import read_sale
from loyalty.sales.service import record_sales
from loyalty.staff.service import create_api_client, create_store
from tests.bench.history import STORE, batches, frequent
from tests.bench.machine import HERE, Machine
from tests.bench.worth import Holdings

OK = 200
WARM = 20
STATEMENT = re.compile(r"LOG:  (?:execute [^:]*|statement): (?!BEGIN|COMMIT|ROLLBACK)")
PERMISSIONS = ("sales.write", "sales.read", "points.read", "members.read", "customers.read")


def _made(machine: Machine) -> Flask:
    return create_app({name: value for name, value in machine.environ.items() if name.startswith("LOYALTY_")})


@contextmanager
def application(machine: Machine) -> Iterator[None]:
    """Give the context of the product's application, on the bench's database."""
    with _made(machine).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def seed(machine: Machine, members: int, now: datetime) -> str:
    """Write store, programme, members and their history by the product's services; return an API client's token."""
    with application(machine):
        create_store(code=STORE, name="Bench", now=now, by=SYSTEM)
        load_file(HERE / "programme.json", now=now, by=SYSTEM)
        _, token = create_api_client(name="bench", permissions=PERMISSIONS, now=now, by=SYSTEM)
        for batch in batches(members, now):
            outcomes = record_sales([read_sale(body) for body in batch], mode="create", now=now, by=SYSTEM)
            wrong = [outcome.problem for outcome in outcomes if outcome.state != "created"]
            if wrong:
                raise SystemExit(f"the product refused its history: {wrong[0]}")
    with psycopg.connect(machine.plain_product_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return token


def frequent_numbers(machine: Machine) -> list[tuple[int, str]]:
    """Return place and member number of the members who come every month."""
    with psycopg.connect(machine.plain_product_url) as connection:
        rows = connection.execute("SELECT number, customer_id FROM external_numbers ORDER BY number").fetchall()
    places = [(int(number[1:]), customer_id) for number, customer_id in rows if number.startswith("C")]
    return [(place, number_of(customer_id)) for place, customer_id in places if frequent(place)]


def statements(machine: Machine, token: str, numbers: Sequence[str]) -> float:
    """Return how many statements PostgreSQL is sent for the points of a member, the ends of transactions left out."""
    with psycopg.connect(machine.superuser_url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE bench_product SET log_statement = 'all'")
    app = _made(machine)
    client = app.test_client()  # without a context around it, so that each request finds out who asks
    headers = {"Authorization": f"Bearer {token}"}

    def ask(some: Sequence[str]) -> None:
        for number in some:
            if client.get(f"/api/v1/members/{number}/points", headers=headers).status_code != OK:
                raise SystemExit("the points of a member were refused")

    ask(numbers[:WARM])
    before = machine.postgres_log.stat().st_size
    ask(numbers[:WARM])
    told = machine.postgres_log.read_bytes()[before:].decode()
    with app.app_context():
        db.engine.dispose()
    with psycopg.connect(machine.superuser_url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE bench_product RESET log_statement")
    return len(STATEMENT.findall(told)) / WARM


def holdings(machine: Machine) -> Holdings:
    """Return what the members have."""
    with psycopg.connect(machine.plain_product_url) as connection:
        levels = connection.execute("SELECT level_code, count(*) FROM tier_standings GROUP BY 1").fetchall()
        sums = connection.execute("""
            SELECT (SELECT count(*) FROM sales),
                (SELECT sum(available)::bigint FROM points_accounts WHERE unit = 'points'),
                (SELECT count(*) FROM points_lots), (SELECT sum(remaining)::bigint FROM points_lots),
                (SELECT sum(net_minor)::bigint FROM tier_days)
        """).fetchone()
    return Holdings(*sums, levels=dict(levels))
