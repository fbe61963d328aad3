"""One server as a child process that cannot outlive us."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loyalty.engines.account import Account
from loyalty.engines.problems import EngineDied

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
LOG_TAIL = 2_000  # characters of a dead server's log in the message

_libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """A running server: foreground, in its own session so that Ctrl-C reaches the parent alone."""

    def __init__(self, command: Sequence[str], *, account: Account, log: Path, stop_with: signal.Signals) -> None:
        self.name = Path(command[0]).name
        self.log = log
        self._stop_with = stop_with
        with log.open("ab") as output:
            account.own(log)
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=server_environment(os.environ),
                start_new_session=True,
                preexec_fn=dies_with_us(stop_with, account),  # noqa: PLW1509 - only system calls in it
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def running(self) -> bool:
        """Whether the server has not ended."""
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return when `ready()`; refuse with the log's tail when the server ends first or takes longer."""
        limit = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise EngineDied(f"{self.name} ended while starting. Its log, {self.log}, ends with:\n{self._tail()}")
            if time.monotonic() > limit:
                self.stop()
                raise EngineDied(f"{self.name} did not answer within {seconds:.0f} s; see {self.log}.")
            time.sleep(0.01)

    def stop(self, *, seconds: float = 30) -> None:
        """End the server in order; kill it when it takes longer."""
        if not self.running():
            return
        self._process.send_signal(self._stop_with)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]


def run_as(command: Sequence[str], *, account: Account, text: str = "") -> None:
    """Run a program of the server to its end as the account; refuse with its words when it fails."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=server_environment(os.environ),
        preexec_fn=account.take_on,
    )
    if done.returncode != 0:
        raise EngineDied(f"{Path(command[0]).name} failed: {done.stderr.strip()[-LOG_TAIL:]}")


def server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment a server may see: where programs lie, and no setting or secret of ours."""
    return {"PATH": environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def dies_with_us(sign: signal.Signals, account: Account | None = None) -> Callable[[], None]:
    """Return what a child does before it becomes its program: take on the account, and get `sign` when we die.

    "We" is the thread that starts the child, so start it from the main thread.
    """
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            account.take_on()
        # After the change of account, which clears it.
        _libc.prctl(PARENT_DEATH_SIGNAL, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return prepare
