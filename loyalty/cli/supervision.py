"""Processes under one parent: started, restarted when they end, stopped in order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import click

from loyalty.engines.child import dies_with_us

FIRST_PAUSE = 1.0  # seconds before a child that ended is started again; doubled each time
LONGEST_PAUSE = 60.0
STEADY_SECONDS = 60.0  # a child that ran for so long counts as well again


@dataclass
class Piece:
    """One process of the product; `patience` is how many seconds it may take to end in order."""

    name: str
    command: Sequence[str]
    patience: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    again_at: float = 0.0

    def start(self, environ: Mapping[str, str], now: float) -> None:
        """Start the process, in a session of its own so that Ctrl-C reaches the parent alone."""
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_us(signal.SIGTERM),  # noqa: PLW1509 - only system calls in it
        )
        self.started_at = now

    def look(self, environ: Mapping[str, str], now: float) -> None:
        """Start the process again when it has ended and its pause is over."""
        if self.process is not None and self.process.poll() is not None:
            well = now - self.started_at > STEADY_SECONDS
            self.pause = FIRST_PAUSE if well or not self.pause else min(self.pause * 2, LONGEST_PAUSE)
            self.again_at = now + self.pause
            click.echo(f"{self.name} ended ({self.process.returncode}); again in {self.pause:.0f} s.", err=True)
            self.process = None
        if self.process is None and now >= self.again_at:
            self.start(environ, now)

    def stop(self, *, at_once: Callable[[], bool]) -> None:
        """End the process in order; kill it when it takes too long or when `at_once` says so."""
        if self.process is None:
            return
        self.process.terminate()
        limit = time.monotonic() + self.patience
        while self.process.poll() is None:
            if time.monotonic() > limit or at_once():
                self.process.kill()
            time.sleep(0.02)
        self.process = None


@dataclass
class Family:
    """The pieces in the order in which they stop, and how often somebody asked us to."""

    pieces: Sequence[Piece]
    environ: Mapping[str, str]
    asked: int = field(default=0)

    def listen(self) -> None:
        """Take Ctrl-C and SIGTERM as the wish to stop; a second one stops at once."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, self._ask)

    def start(self) -> None:
        """Start every piece."""
        for piece in self.pieces:
            piece.start(self.environ, time.monotonic())

    def watch(self, meanwhile: Callable[[], object]) -> None:
        """Keep every piece running until somebody asks us to stop; call `meanwhile` each time around."""
        while not self.asked:
            meanwhile()
            for piece in self.pieces:
                piece.look(self.environ, time.monotonic())
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the pieces one after the other."""
        before = self.asked
        for piece in self.pieces:
            piece.stop(at_once=lambda: self.asked > max(before, 1))

    def _ask(self, *_: object) -> None:
        self.asked += 1
