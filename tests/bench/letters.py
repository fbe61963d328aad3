"""W6: messages through the outbox to a channel that answers at once, one hand; beside the fewest statements for it.

The limit claims, hands over and finishes rows of a narrow table in the same groups, with the attempts written before
each group is sent: no gate, no sealed text, no address, no timeline.
"""

import json
import subprocess
import sys
from time import perf_counter
from typing import Any

import psycopg

from tests.bench.machine import ROOT, Machine
from tests.bench.report import Line

MESSAGES = 20_000
GROUP = 250
PER_SECOND = 1_000

PREPARE = """
    DROP TABLE IF EXISTS letter_attempts, letters;
    CREATE TABLE letters (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL DEFAULT 'due',
        next_at timestamptz NOT NULL DEFAULT now(), token uuid, lease_until timestamptz, handed_at timestamptz,
        attempts int NOT NULL DEFAULT 0, ended_at timestamptz);
    CREATE INDEX ON letters (next_at) WHERE state = 'due';
    CREATE INDEX ON letters (lease_until) WHERE state = 'sending';
    CREATE TABLE letter_attempts (letter_id bigint REFERENCES letters, number int, token uuid, handed_at timestamptz,
        outcome text, answered_at timestamptz, PRIMARY KEY (letter_id, number));
"""
FILL = "INSERT INTO letters (state) SELECT 'due' FROM generate_series(1, %s)"
CLAIM = """
    WITH due AS (SELECT id FROM letters WHERE state = 'due' AND next_at <= statement_timestamp()
        ORDER BY next_at LIMIT 500 FOR UPDATE SKIP LOCKED)
    UPDATE letters AS l SET state = 'sending', token = gen_random_uuid(), lease_until = clock_timestamp() + '60 s'
    FROM due WHERE l.id = due.id RETURNING l.id
"""
HAND_OVER = """
    WITH handed AS (UPDATE letters SET handed_at = clock_timestamp(), attempts = attempts + 1
        WHERE id = ANY (%s) AND state = 'sending' AND lease_until > clock_timestamp()
        RETURNING id, attempts, token, handed_at)
    INSERT INTO letter_attempts (letter_id, number, token, handed_at) SELECT id, attempts, token, handed_at FROM handed
"""
FINISH = """
    WITH told AS (UPDATE letter_attempts SET outcome = 'accepted', answered_at = clock_timestamp()
        WHERE letter_id = ANY (%s) AND number = 1)
    UPDATE letters SET state = 'sent', token = NULL, lease_until = NULL, ended_at = clock_timestamp()
    WHERE id = ANY (%s) AND state = 'sending'
"""


def by_limit(machine: Machine) -> float:
    """Return how many rows a second go through the steps by the fewest statements."""
    with psycopg.connect(machine.limit_url, autocommit=True) as connection:
        connection.execute(PREPARE)
        connection.execute(FILL, (MESSAGES,))
        connection.execute("ANALYZE letters")
        began = perf_counter()
        while ids := [row[0] for row in connection.execute(CLAIM)]:
            for at in range(0, len(ids), GROUP):
                group = ids[at : at + GROUP]
                connection.execute(HAND_OVER, (group,))
                connection.execute(FINISH, (group, group))
        return MESSAGES / (perf_counter() - began)


def by_product(machine: Machine) -> dict[str, Any]:
    """Plan and drain in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.product_messages", str(MESSAGES)]
    done = subprocess.run(command, env=machine.environ, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the product's outbox failed:\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if (told["done"], told["taken"]) != (MESSAGES, MESSAGES):
        raise SystemExit(f"{told} instead of {MESSAGES} messages")
    return told


def works(machine: Machine, rounds: int) -> list[Line]:
    """Return the lines of W6."""
    limits, seen = [], []
    for _ in range(rounds):
        limits.append(by_limit(machine))
        seen.append(by_product(machine))
    rates = [MESSAGES / one["seconds"] for one in seen]
    cpu = [1_000 * one["cpu_seconds"] / MESSAGES for one in seen]
    wanted = [float(PER_SECOND)] * rounds
    return [
        Line("W6 messages, one worker", "/s", rates, wanted, "a second", must=1, goal=2, cpu_ms=cpu),
        Line("W6 beside the fewest statements", "/s", rates, limits),
        Line("W6 planned", "/s", [MESSAGES / one["planned_seconds"] for one in seen], limits),
    ]
