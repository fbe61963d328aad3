"""W5: what is due among many vehicles becomes tasks of people, beside one statement by hand that does the same.

Both sides have a plan with one step for each vehicle. On the day that is asked, none, some or many of the steps are
due; the others are due long after. What counts is the CPU of a step that is due: a clock would tell how busy others
keep the machine. The second group has ten times the vehicles, so that a search through all of them would be seen.
"""

from datetime import date, datetime, timedelta

import psycopg

from jobs.schedule import STEPS
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.heap import settle_heap
from loyalty.staff.service import assign, create_account
from tests.bench import product
from tests.bench.cost import Cost, against, costs
from tests.bench.machine import HERE, Machine
from tests.bench.report import Line

ZONE = "Asia/Shanghai"
FEW, MANY = 15_000, 150_000  # vehicles, of one run beside others
DUE, WARM = 4_000, 1_000
PEOPLE = 20
SHARES = (100, 10)  # one of so many is due among a large group's
LATER = timedelta(days=400)
MOST_MS = 10  # when nothing is due
REMINDERS = next(step for step in STEPS if step.name == "reminders")

# Rows that are consistent by their making: vehicles that somebody holds, each with a plan whose step is due later.
_VEHICLES = """
    WITH made AS (
        INSERT INTO vehicles (vin, created_at)
        SELECT 'LDC' || lpad(k::text, 14, '0'), now() FROM generate_series(%(known)s + 1, %(vehicles)s) AS k
        RETURNING id
    ), people AS (SELECT array_agg(id ORDER BY id) AS ids FROM customers)
    INSERT INTO ownerships (vehicle_id, holder_id, role, from_day)
    SELECT made.id, ids[made.id %% cardinality(ids) + 1], 'owner', '2024-01-01' FROM made, people
"""
_PLANS = """
    WITH held AS (
        SELECT holder_id, vehicle_id FROM ownerships WHERE until_day IS NULL AND role = 'owner'
        EXCEPT SELECT customer_id, vehicle_id FROM plans
    ), made AS (
        INSERT INTO plans (customer_id, key, trigger, sale_id, vehicle_id, store_id, day, made_at)
        SELECT holder_id, 'bench:' || vehicle_id, 'service', 0, vehicle_id, (SELECT min(id) FROM stores), %(day)s, now()
        FROM held RETURNING customer_id, id
    )
    INSERT INTO plan_steps (customer_id, plan_id, code, task_kind, names, due_from, due_to, why)
    SELECT customer_id, id, 'service-3', 'service-call',
        '{"step": "Call 3 days after service", "step_zh": "维修后 3 天回访"}', %(later)s, %(later)s::date + 1,
        '[{"sentence": "{day} is on a weekend: moved forward to {moved}.",
           "numbers": {"day": "2026-03-07", "moved": "2026-03-09"}}]'
    FROM made
"""
# What was opened before is done by now: a group of any size begins with as many open tasks, which are counted.
_DONE = "UPDATE tasks SET state = 'stopped' {ended} WHERE state = 'open'"
# The same steps on both sides: those of the first vehicles that are still planned.
_ASK_FOR = """
    UPDATE {steps} AS s SET due_from = %(day)s, due_to = %(day)s::date + 1 FROM (
        SELECT customer_id, id FROM {steps} WHERE state = 'planned' AND due_from > %(day)s ORDER BY due_from, id
        LIMIT %(due)s) AS chosen
    WHERE s.customer_id = chosen.customer_id AND s.id = chosen.id
"""
_COPIES = {
    "plans": "SELECT customer_id, id, vehicle_id, store_id FROM plans",
    "steps": "SELECT customer_id, id, plan_id, task_kind, names, due_from, due_to, why, state FROM plan_steps",
    "holders": "SELECT DISTINCT vehicle_id, holder_id FROM ownerships WHERE until_day IS NULL",
    "workers": "SELECT store_id, row_number() OVER (PARTITION BY store_id ORDER BY account_id) - 1, account_id"
    " FROM staff_assignments WHERE role = 'care_agent' AND store_id IS NOT NULL",
}


def people(machine: Machine, now: datetime) -> None:
    """Make the people of the store, among whom tasks are shared, unless an earlier run has made them."""
    with psycopg.connect(machine.plain_product_url) as connection:
        store_id, there = connection.execute(
            "SELECT (SELECT min(id) FROM stores), EXISTS (SELECT FROM staff_accounts WHERE username = 'bench.00')"
        ).fetchone()
    if there:
        return
    with product.application(machine):
        for number in range(PEOPLE):
            account = create_account(
                username=f"bench.{number:02}",
                name=f"Bench {number}",
                password=f"Due-Harbour-{number}-Lantern",
                now=now,
                by=SYSTEM,
            )
            assign(account, "care_agent", store_id=store_id, from_day=now.date(), to_day=None, now=now, by=SYSTEM)


def plan(machine: Machine, vehicles: int, day: date) -> None:
    """Let there be so many vehicles at least, each with a plan whose step is due long after `day`, on both sides."""
    values = {"vehicles": vehicles, "day": day, "later": day + LATER}
    with psycopg.connect(machine.above_product_url, autocommit=True) as ours:
        ours.execute("SET session_replication_role = replica")
        values["known"] = ours.execute("SELECT count(*) FROM vehicles").fetchone()[0]
        ours.execute(_VEHICLES, values)
        ours.execute(_PLANS, values)
        ours.execute(_DONE.format(ended=", ended_at = now()"))
        ours.execute("VACUUM ANALYZE vehicles, ownerships, plans, plan_steps, tasks, task_changes")
    with psycopg.connect(machine.limit_url, autocommit=True) as limit:
        if limit.execute("SELECT to_regclass('steps')").fetchone()[0] is None:
            limit.execute((HERE / "due.sql").read_text())
        limit.execute("TRUNCATE plans, steps, holders, workers")
        with psycopg.connect(machine.plain_product_url) as ours:
            for table, query in _COPIES.items():
                with (
                    ours.cursor().copy(f"COPY ({query}) TO STDOUT") as out,
                    limit.cursor().copy(f"COPY {table} FROM STDIN") as into,
                ):
                    for part in out:
                        into.write(part)
        limit.execute(_DONE.format(ended=""))
        limit.execute("VACUUM ANALYZE plans, steps, holders, workers, tasks, task_changes")


def opened(machine: Machine, due: int, day: date, now: datetime) -> tuple[Cost, Cost]:
    """Let so many steps be due on the day, open them on both sides, and return what that cost us and the limit.

    Call it in the context of the product's application.
    """
    for url, steps in ((machine.above_product_url, "plan_steps"), (machine.limit_url, "steps")):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_ASK_FOR.format(steps=steps), {"day": day, "due": due})
            connection.execute(f"ANALYZE {steps}, tasks, task_changes")  # as autovacuum would, some minutes later
    with psycopg.connect(machine.limit_url, autocommit=True) as connection:
        asked = ("SELECT open_due(%s, %s, %s)", (day, ZONE, now))
        least = costs(machine, lambda: connection.execute(*asked).fetchone()[0])
    ours = costs(machine, lambda: REMINDERS.run(day - timedelta(days=1), now=now)["opened"])
    if (ours.result, least.result) != (due, due):
        raise SystemExit(f"{ours.result} and {least.result} steps were opened instead of {due}")
    return ours, least


def works(machine: Machine, rounds: int, now: datetime) -> list[Line]:
    """Return the lines of W5 for a small group and one of ten times the vehicles."""
    people(machine, now)
    seen = {}
    day = now.date()
    with product.application(machine):
        settle_heap()  # as the worker does
        for vehicles in (FEW, MANY):
            plan(machine, vehicles, day)
            opened(machine, WARM, day, now)
            seen[vehicles] = [opened(machine, DUE, day + timedelta(days=n), now) for n in range(1, rounds + 1)]
            day += timedelta(days=rounds + 1)
        nothing = idle(machine, day, now)
    ours, least = sorted(seen[MANY], key=lambda pair: pair[0].cpu / pair[1].cpu)[rounds // 2]
    grown = sum(ours.cpu for ours, _ in seen[MANY]) / sum(ours.cpu for ours, _ in seen[FEW])
    return [
        against(f"W5 {DUE:,} due of {MANY:,}", "us CPU a step", ours, least, of=DUE, must=4, goal=2),
        nothing,
        Line("W5 CPU, ten times the vehicles", "x", [grown], must=1.2),
    ]


def large_works(machine: Machine, now: datetime) -> list[Line]:
    """Return the lines of W5 for the vehicles of a large group."""
    with psycopg.connect(machine.plain_product_url) as connection:
        vehicles = connection.execute("SELECT count(*) FROM vehicles").fetchone()[0]
    people(machine, now)
    day = now.date()
    with product.application(machine):
        REMINDERS.run(day + LATER / 2, now=now)  # what a run that was stopped has left
    plan(machine, vehicles, day)
    with product.application(machine):
        settle_heap()
        opened(machine, min(WARM, vehicles // SHARES[0]), day, now)
        told = [idle(machine, day, now)]
        for number, share in enumerate(SHARES, 1):
            many = vehicles // share
            ours, least = opened(machine, many, day + timedelta(days=number), now)
            words = f"W5 {many:,} due of {vehicles:,}"
            told.append(against(words, "us CPU a step", ours, least, of=many, must=4, goal=2))
    return told


def idle(machine: Machine, day: date, now: datetime) -> Line:
    """Return how long it takes to find that nothing is due."""
    seen = [costs(machine, lambda: REMINDERS.run(day - timedelta(days=1), now=now)).wall for _ in range(5)]
    return Line("W5 nothing due", "ms", [1000 * one for one in seen], must=MOST_MS)
