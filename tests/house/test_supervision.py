"""Processes under one parent."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from loyalty.cli.supervision import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, Family, Piece

pytestmark = pytest.mark.processes

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import os, sys, time
from loyalty.cli.supervision import Piece
piece = Piece("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], 1)
piece.start(os.environ, 0)
print(piece.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper():
    piece = Piece("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], patience=5)
    piece.start(os.environ, 0)
    yield piece
    piece.stop(at_once=lambda: True)


def end(piece):
    piece.process.kill()
    piece.process.wait()


def test_a_child_that_ends_is_started_again_after_pauses_that_grow(sleeper):
    now, pauses = 0.0, []
    for _ in range(9):
        end(sleeper)
        sleeper.look(os.environ, now)
        assert sleeper.process is None
        pauses.append(sleeper.pause)
        now = sleeper.again_at
        sleeper.look(os.environ, now)
        assert sleeper.process.poll() is None

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pauses[0] == FIRST_PAUSE
    assert pauses[-1] == LONGEST_PAUSE


def test_a_child_that_ran_well_starts_with_the_first_pause_again(sleeper):
    sleeper.pause = LONGEST_PAUSE
    end(sleeper)

    sleeper.look(os.environ, STEADY_SECONDS + 1)

    assert sleeper.pause == FIRST_PAUSE


def test_a_child_is_not_started_before_its_pause_is_over(sleeper):
    end(sleeper)
    sleeper.look(os.environ, 10.0)

    sleeper.look(os.environ, 10.0 + FIRST_PAUSE - 0.01)

    assert sleeper.process is None


def test_pieces_stop_in_order(sleeper):
    order = []

    class Noting(Piece):
        def stop(self, *, at_once):
            order.append(self.name)
            super().stop(at_once=at_once)

    family = Family(
        [Noting(name, [sys.executable, "-c", "import time; time.sleep(60)"], 5) for name in "abc"], os.environ
    )
    family.start()
    family.stop()

    assert order == ["a", "b", "c"]
    assert all(piece.process is None for piece in family.pieces)


def test_a_stubborn_child_is_killed_when_its_time_is_over():
    piece = Piece("stubborn", [sys.executable, "-c", STUBBORN], patience=0.5)
    piece.start(os.environ, 0)
    time.sleep(0.3)
    pid, start = piece.process.pid, time.monotonic()

    piece.stop(at_once=lambda: False)

    assert not psutil.pid_exists(pid)
    assert time.monotonic() - start >= 0.5


def test_a_second_wish_kills_at_once():
    piece = Piece("stubborn", [sys.executable, "-c", STUBBORN], patience=600)
    piece.start(os.environ, 0)
    time.sleep(0.3)
    family = Family([piece], os.environ, asked=1)
    signal.signal(signal.SIGALRM, lambda *_: family._ask())
    signal.setitimer(signal.ITIMER_REAL, 0.2)

    family.stop()

    assert piece.process is None


def test_children_die_with_a_killed_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    with parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()

    assert child.wait(10) is None or not child.is_running()
