"""Messages under kills: none is lost, none goes out twice, and what is unknown is explained.

Two workers and a ticker send through a provider that fails in every way, while processes are killed and frozen past
their leases, Valkey is emptied and killed, and PostgreSQL is killed. A short run belongs to every test run.
LOYALTY_STORM=long takes 5,000 messages and at least 20 kills, for each of 5 seeds, empties Valkey while 2,000 are due
and 2,000 will be, and prints a table.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers
from tests.messaging.mailroom import LEASE, LOG

LONG = os.environ.get("LOYALTY_STORM") == "long"
SEEDS = range(5) if LONG else range(1)
MESSAGES = 5_000 if LONG else 160
KILLS = 24 if LONG else 4
HALF_DUE = 4_000 if LONG else 120  # messages of which half become due later, while Valkey is emptied
LATER = 60 if LONG else 3
"""In how many seconds the second half of the messages becomes due."""
PATIENCE = 1_800 if LONG else 200
IN_TIME = timedelta(seconds=60)

pytestmark = [pytest.mark.processes, pytest.mark.timeout(3600 if LONG else 600)]


class Mailroom:
    """A dealer's engines and the processes that send; what happened is counted."""

    def __init__(self, folder, servers, environ):
        self.folder, self.servers, self.environ = folder, servers, environ
        self.parent = None
        self.happened = Counter()

    def run(self, *words):
        command = [sys.executable, "-m", "tests.messaging.mailroom", str(self.folder), *words]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr

    def start(self, *planned, how="fast"):
        """Plan messages, unless some are, and let processes send them."""
        words = [how, *map(str, planned)]
        command = [sys.executable, "-m", "tests.messaging.mailroom", str(self.folder), "run", *words]
        with (self.folder / "mailroom.log").open("ab") as log:
            self.parent = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)

    def clear(self):
        """Forget what was sent before."""
        (self.folder / LOG).unlink(missing_ok=True)
        (self.folder / "mailroom.log").unlink(missing_ok=True)
        with self.execute("TRUNCATE messages CASCADE"):
            self.happened.clear()

    def stop(self):
        """Kill the processes with all that they started; nothing of it is missed."""
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.parent.pid)
            family.suspend()
            for child in family.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            family.kill()
        self.parent.wait()
        self.parent = None

    def hands(self):
        """The processes that have a job in their hands at the moment."""
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.parent.pid).children()
            return [hand for child in children for hand in child.children()]
        return []

    def rows(self, statement):
        with self.execute(statement) as found:
            return found.fetchall()

    @contextmanager
    def execute(self, statement):
        url = make_url(self.environ["LOYALTY_DATABASE_URL"]).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            yield connection.execute(statement)

    def open(self):
        """How many messages are not at an end; an answer that came late is still to settle its message."""
        try:
            return self.rows("""
                SELECT count(*) FROM messages AS m LEFT JOIN message_attempts AS a
                ON a.customer_id = m.customer_id AND a.message_id = m.id AND a.number = m.attempts
                WHERE m.state IN ('due', 'sending') OR (m.state = 'unknown' AND a.outcome <> 'lost')
            """)[0][0]
        except psycopg.OperationalError:
            return None

    def planned(self):
        return self.rows("SELECT count(*) FROM messages")[0][0]

    def taken(self):
        """What the provider took, by key."""
        log = self.folder / LOG
        return Counter(log.read_text().split() if log.exists() else [])

    def states(self):
        return dict(self.rows("SELECT state, count(*)::int FROM messages GROUP BY state"))

    # ---- what may happen to it

    def kill_a_hand(self, chance):
        with suppress(psutil.NoSuchProcess, IndexError):
            chance.choice(self.hands()).kill()
            return True
        return False

    def freeze_a_hand(self, chance):
        """Stop a process until its lease has run out, then let it go on as if nothing had been."""
        if hands := self.hands():
            hand = chance.choice(hands)
            with suppress(psutil.NoSuchProcess):
                hand.suspend()
                time.sleep(LEASE.total_seconds() + 1.5)
                hand.resume()
                return True
        return False

    def kill_a_process(self, chance):
        with suppress(psutil.NoSuchProcess, IndexError):
            chance.choice(psutil.Process(self.parent.pid).children()).kill()
            return True
        return False

    def empty_valkey(self, _chance):
        with suppress(RedisError), Redis.from_url(self.environ["LOYALTY_REDIS_URL"]) as valkey:
            valkey.flushall()
        return True

    def kill_valkey(self, _chance):
        return self._kill(1)

    def kill_postgres(self, _chance):
        return self._kill(0)

    def _kill(self, number):
        child = self.servers.engines[number].child
        os.killpg(child.pid, signal.SIGKILL)
        while child.running():
            time.sleep(0.01)
        self.servers.revive(self.environ)
        return True


@pytest.fixture(scope="module")
def house():
    """A dealer's engines with a schema: one for all storms, as each of them clears up before it begins."""
    with TemporaryDirectory(prefix="loyalty-mail-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        environ = {key: value for key, value in os.environ.items() if not key.startswith("LOYALTY_")}
        environ |= {"LOYALTY_DATA": name, "LOYALTY_SECRET_KEY": "storm" * 8}
        with own_servers(DataFolder(folder), environ) as servers:
            environ["LOYALTY_DATABASE_URL"] = servers.addresses.database_url
            environ["LOYALTY_REDIS_URL"] = servers.addresses.redis_url
            migrated = subprocess.run([sys.executable, "-m", "loyalty.cli", "migrate"], env=environ, check=False)
            assert migrated.returncode == 0
            yield Mailroom(folder, servers, environ)


@pytest.fixture
def room(house):
    """The mailroom without messages; whatever runs at the end of a test is killed."""
    house.clear()
    yield house
    if house.parent is not None:
        house.stop()


def wait_until_done(room, *, most=PATIENCE):
    limit = time.monotonic() + most
    while room.open() != 0:
        assert time.monotonic() < limit, (room.states(), (room.folder / "mailroom.log").read_text()[-3000:])
        time.sleep(0.2)


def wait_until_planned(room, count):
    limit = time.monotonic() + PATIENCE
    while room.planned() != count:
        assert time.monotonic() < limit, (room.folder / "mailroom.log").read_text()[-3000:]
        time.sleep(0.1)


def storm(room, seed, *, kills):
    """Let things happen while messages are sent, some at even distances; return when all are at an end."""
    chance = random.Random(seed)
    room.start(MESSAGES, MESSAGES // 20, LATER)
    wait_until_planned(room, MESSAGES)
    total = MESSAGES
    happenings = [room.kill_a_hand] * 8 + [room.freeze_a_hand] * 3 + [room.kill_a_process] * 4
    happenings += [room.empty_valkey] * 3 + [room.kill_valkey] * 3 + [room.kill_postgres] * 3
    chance.shuffle(happenings)
    musts = [room.freeze_a_hand, room.kill_postgres, room.empty_valkey, room.kill_a_hand]
    for turn in range(kills):
        happen = musts.pop() if musts else happenings[turn % len(happenings)]
        limit = time.monotonic() + PATIENCE
        while (left := room.open()) is None or left > total * (kills - turn) // (kills + 1):
            assert time.monotonic() < limit, room.states()
            time.sleep(0.02)
        while not happen(chance) and room.open() != 0:
            time.sleep(0.01)
        room.happened[happen.__name__] += 1
    wait_until_done(room)


@pytest.mark.parametrize("seed", SEEDS)
def test_none_is_lost_none_goes_out_twice_and_what_is_unknown_is_explained(room, seed):
    began = time.monotonic()
    storm(room, seed, kills=KILLS)
    room.stop()  # whoever still had an answer in hand has it no more
    room.run("rest")
    taken = room.taken()
    ended = {f"m{at}": state for at, state in room.rows("SELECT id, state FROM messages")}
    unknown = room.rows("""
        SELECT m.problem, a.outcome, a.answered_at IS NULL FROM messages m JOIN message_attempts a
        ON a.customer_id = m.customer_id AND a.message_id = m.id AND a.number = m.attempts
        WHERE m.state = 'unknown'
    """)
    happened = ", ".join(f"{what} {times}" for what, times in sorted(room.happened.items()))
    seconds = time.monotonic() - began
    told = f"| seed {seed} | {room.states()} | taken over {taken.total()} | {happened} | {seconds:.0f} s |\n"
    sys.stdout.write(told)

    assert len(ended) == MESSAGES
    assert set(ended.values()) <= {"sent", "failed", "unknown"}  # 0 lost
    assert [key for key, times in taken.items() if times > 1] == []  # 0 twice
    assert [key for key, state in ended.items() if state == "sent" and taken[key] != 1] == []
    assert [key for key, state in ended.items() if state == "failed" and taken[key]] == []
    assert all(outcome == "lost" or (problem == "lapsed" and silent) for problem, outcome, silent in unknown)
    assert len(unknown) == Counter(ended.values())["unknown"]
    assert room.happened.total() >= KILLS


@pytest.mark.parametrize("how", ["falls", "loose"])
def test_a_process_that_dies_after_the_call_sends_nothing_twice_unless_the_hand_over_is_missing(room, how):
    """With the hand-over taken away, the same deaths send messages twice: the negative control."""
    room.start(120, 60, 0, how=how)
    wait_until_planned(room, 120)
    wait_until_done(room)
    twice = [key for key, times in room.taken().items() if times > 1]
    unknown = room.rows("SELECT count(*) FROM messages WHERE state = 'unknown' AND problem = 'lapsed'")[0][0]

    assert (bool(twice), bool(unknown)) == ((True, False) if how == "loose" else (False, True))


def test_an_emptied_valkey_loses_nothing_of_what_is_due_and_of_what_will_be(room):
    room.start(HALF_DUE, 200, LATER)
    wait_until_planned(room, HALF_DUE)
    emptied, until = 0, time.monotonic() + LATER
    while time.monotonic() < until:
        emptied += room.empty_valkey(None)
        time.sleep(0.5)
    wait_until_done(room)
    ((late,),) = room.rows("SELECT max(handed_at - due_at) FROM messages")
    taken = room.taken()
    sys.stdout.write(f"| emptied {emptied} times | {room.states()} | latest after {late} |\n")

    assert max(taken.values()) == 1
    assert late < IN_TIME
