"""PostgreSQL is killed under load: what was acknowledged is there, once, and the books add up.

A short run belongs to every test run; LOYALTY_STORM=long kills 20 times under 20,000 acknowledgements.
"""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LONG = os.environ.get("LOYALTY_STORM") == "long"
SALES = 20_000 if LONG else 400
KILLS = 20 if LONG else 2
PROGRAMS = 8


def storm(shop, name, *, sales=SALES, kills=KILLS):
    """Record sales while PostgreSQL is killed at even distances; return the numbers in the order of their answers."""
    answered = []
    over = threading.Event()

    def kill():
        for turn in range(1, kills + 1):
            while len(answered) < turn * sales // (kills + 1) and not over.is_set():
                time.sleep(0.005)
            shop.kill_postgres()

    def record(at):
        number = f"{name}-{at}"
        shop.insist("POST", "/api/v1/sales", shop.sale(number, f"{name}-{at % 50}"))
        answered.append(number)

    with ThreadPoolExecutor(PROGRAMS) as programs:
        asked = [programs.submit(record, at) for at in range(sales)]
        try:
            kill()  # from this thread: a server dies with the thread that started it
        finally:
            over.set()
        for one in asked:
            one.result()
    return answered


def kept(shop, name):
    """Return each recorded number with how many sales and points it came to."""
    return {
        number: (sales, points)
        for number, sales, points in shop.rows(
            """
            SELECT s.number, count(DISTINCT (s.customer_id, s.id)), sum(l.points)::int
            FROM sales s
            JOIN points_lots l ON l.customer_id = s.customer_id
            JOIN ledger_transactions t ON t.customer_id = l.customer_id AND t.id = l.transaction_id
                AND t.source_kind = 'sale' AND t.source_id = s.id
            WHERE s.number LIKE %s GROUP BY s.number
            """,
            (f"{name}-%",),
        )
    }


def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(shop, figure):
    answered = storm(shop, "kept")

    there = kept(shop, "kept")
    named = f"PostgreSQL killed {KILLS} times"
    figure(named, "sales acknowledged", len(answered), SALES)
    figure(named, "acknowledged and lost", len(set(answered) - set(there)), 0)
    figure(named, "sales or points counted twice", sum(one != (1, 10) for one in there.values()), 0)
    assert len(answered) == SALES
    assert there == dict.fromkeys(answered, (1, 10))
    assert shop.books_are_clean()


def test_a_database_that_confirms_before_it_writes_loses_sales(shop, figure):
    """The negative control: with synchronous_commit off, answers are lost, and this storm notices."""
    shop.as_superuser("ALTER ROLE loyalty SET synchronous_commit = off")
    shop.as_superuser("ALTER SYSTEM SET wal_writer_delay = '10s'")
    shop.kill_postgres()
    try:
        answered = storm(shop, "lossy", sales=200, kills=2)
    finally:
        shop.as_superuser("ALTER ROLE loyalty RESET synchronous_commit")
        shop.as_superuser("ALTER SYSTEM RESET wal_writer_delay")
        shop.kill_postgres()

    lost = set(answered) - set(kept(shop, "lossy"))
    figure("the same with synchronous_commit off", "acknowledged and lost", len(lost), "above 0")
    assert lost
