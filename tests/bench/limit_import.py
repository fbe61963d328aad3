"""The limit of W3: COPY a file, and write customers, vehicles, sales, points and tiers from it with a few statements.

It keeps what the import keeps: a rejected line with its reason, a customer and a vehicle once, sale, line and number,
lot, postings and balance, the days that tiers count; and a row that is there already changes nothing.

It does without what the import does beside these: foreign keys, checked sums, sealed phones, keys for the search by
pinyin, the timeline, the answer for whoever sends the sale again, enrolments and the history of levels.
"""

from datetime import date
from pathlib import Path
from time import perf_counter

import psycopg

BLOCK = 1 << 20

# The file is read by COPY itself, so that no row passes through Python.
STAGE = """
    CREATE TEMP TABLE staged (
        line int GENERATED ALWAYS AS IDENTITY,
        number text, customer text, name text, phone text, vin text, day text, net text
    ) ON COMMIT DROP
"""
COPY = "COPY staged (number, customer, name, phone, vin, day, net) FROM STDIN (FORMAT csv, HEADER)"

# What a person must be told about a line, found before anything is written.
REJECT = """
    WITH bad AS (
        DELETE FROM staged WHERE number = '' OR customer = '' OR net !~ '^[0-9]+([.][0-9]{1,2})?$'
            OR day !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' OR vin !~ '^[A-HJ-NPR-Z0-9]{17}$'
        RETURNING *
    )
    INSERT INTO rejects (line, reason)
    SELECT line, CASE WHEN number = '' THEN 'number' WHEN customer = '' THEN 'customer'
        WHEN net !~ '^[0-9]+([.][0-9]{1,2})?$' THEN 'amount' WHEN day !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN 'day'
        ELSE 'vin' END
    FROM bad
"""

PLAN = """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
    SELECT s.*, (s.net::numeric * 100)::bigint AS minor, s.day::date AS the_day,
        sha256(concat_ws('|', s.number, s.customer, s.vin, s.day, s.net)::bytea) AS content
    FROM staged AS s
    WHERE NOT EXISTS (SELECT FROM sale_numbers AS n WHERE n.source = 'file' AND n.number = s.number
            AND n.content_hash = sha256(concat_ws('|', s.number, s.customer, s.vin, s.day, s.net)::bytea))
"""

WRITE = (
    """INSERT INTO customers (number, name, phone, name_key)
       SELECT DISTINCT ON (customer) customer, name, sha256(phone::bytea), name FROM fresh
       ON CONFLICT (number) DO NOTHING""",
    "INSERT INTO vehicles (vin) SELECT DISTINCT vin FROM fresh ON CONFLICT (vin) DO NOTHING",
    """INSERT INTO ownerships SELECT c.id, v.id, min(f.the_day) FROM fresh AS f
       JOIN customers AS c ON c.number = f.customer JOIN vehicles AS v ON v.vin = f.vin GROUP BY 1, 2
       ON CONFLICT DO NOTHING""",
    """INSERT INTO accounts SELECT DISTINCT c.id, 0, 'basic' FROM fresh AS f
       JOIN customers AS c ON c.number = f.customer ON CONFLICT DO NOTHING""",
    """CREATE TEMP TABLE bought ON COMMIT DROP AS SELECT nextval('sales_id_seq') AS sale_id,
       nextval('transactions_id_seq') AS tx_id, nextval('lots_id_seq') AS lot_id, c.id AS customer_id, f.*,
       f.minor / 100 AS earned FROM fresh AS f JOIN customers AS c ON c.number = f.customer""",
    """INSERT INTO sale_numbers (source, number, customer_id, sale_id, content_hash)
       SELECT 'file', number, customer_id, sale_id, content FROM bought""",
    """INSERT INTO sales (customer_id, id, store_id, kind, occurred_at, day, net)
       SELECT customer_id, sale_id, 1, 'service', the_day::timestamptz, the_day, minor FROM bought""",
    "INSERT INTO sale_lines SELECT customer_id, sale_id, 1, 'labour', 1, minor FROM bought",
    """INSERT INTO transactions (customer_id, id, kind, key, sale_id, rule_version, booked_at)
       SELECT customer_id, tx_id, 'earn', 'sale:' || sale_id, sale_id, 1, now() FROM bought WHERE earned > 0""",
    """INSERT INTO postings SELECT customer_id, tx_id, side, sign * earned FROM bought,
       (VALUES ('member', 1), ('issued', -1)) AS two (side, sign) WHERE earned > 0""",
    """INSERT INTO lots (customer_id, id, transaction_id, points, remaining, expires_at)
       SELECT customer_id, lot_id, tx_id, earned, earned, NULL FROM bought WHERE earned > 0""",
    "INSERT INTO allocations SELECT customer_id, tx_id, lot_id, earned FROM bought WHERE earned > 0",
    """UPDATE accounts AS a SET available = a.available + s.earned
       FROM (SELECT customer_id, sum(earned)::bigint AS earned FROM bought GROUP BY 1) AS s
       WHERE a.customer_id = s.customer_id""",
    """INSERT INTO tier_days SELECT customer_id, the_day, sum(minor), 1 FROM bought GROUP BY 1, 2
       ON CONFLICT (customer_id, day) DO UPDATE SET spend = tier_days.spend + excluded.spend""",
    """UPDATE accounts AS a SET level = CASE WHEN w.spend >= 5000000 AND w.visits >= 8 THEN 'gold'
       WHEN w.spend >= 1000000 THEN 'silver' ELSE a.level END
       FROM (SELECT t.customer_id, sum(t.spend) AS spend, count(*) AS visits FROM tier_days AS t
             WHERE t.customer_id IN (SELECT customer_id FROM bought) AND t.day > %(today)s::date - 365 GROUP BY 1) AS w
       WHERE a.customer_id = w.customer_id""",
    """INSERT INTO audit (at, actor, action, subject, after)
       SELECT now(), 1, 'sales.record', sale_id, jsonb_build_object('number', number, 'net', minor) FROM bought""",
)


def prepare(connection: psycopg.Connection) -> None:
    """Make what the import needs beside limit.sql."""
    connection.execute("CREATE TABLE rejects (line int, reason text)")
    connection.commit()


def import_file(connection: psycopg.Connection, path: Path, today: date) -> tuple[int, int, float]:
    """Import the file in one transaction; return rows taken, rows rejected, and the seconds it took."""
    began = perf_counter()
    with connection.transaction():
        connection.execute(STAGE)
        with path.open("rb") as file, connection.cursor().copy(COPY) as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        rejected = connection.execute(REJECT).rowcount
        connection.execute("ANALYZE staged")
        taken = connection.execute(PLAN).rowcount
        if taken:
            connection.execute("ANALYZE fresh")
            for statement in WRITE:
                connection.execute(statement, {"today": today} if "%(today)s" in statement else None)
    return taken, rejected, perf_counter() - began
