"""Our own PostgreSQL in a folder."""

import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from loyalty.engines.account import Account
from loyalty.engines.binaries import postgres_programs
from loyalty.engines.child import Child, run_as
from loyalty.engines.problems import EngineDied

ROLE = "loyalty"
DATABASE = "loyalty"
BUILTIN_LOCALE_SINCE = 17
PAUSES_AFTER_KILL = (0.2, 0.5, 1, 2, 4)  # seconds
READY_SECONDS = 60  # recovery after a killed machine reads the log again

# An import writes some 50 MB of log a second: with less room its connections wait for each other to write it out.
DURABLE = ("shared_buffers=256MB", "wal_buffers=64MB", "max_connections=100")
# Nothing outlives the run, so nothing needs to reach the disk.
EPHEMERAL = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=256MB",
    "max_connections=300",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """The place of one PostgreSQL: `folder` holds its data, `sockets` its socket."""

    folder: Path
    sockets: Path
    log: Path
    account: Account
    ephemeral: bool

    def url(self, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of a database; it works for whoever may enter the socket folder."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={quote(str(self.sockets), safe='')}"

    def start(self, environ: Mapping[str, str]) -> Child:
        """Create the cluster if there is none, start the server and return it when it accepts connections."""
        programs = postgres_programs(environ)
        if not (self.folder / "PG_VERSION").exists():
            self._create(programs)
        options = (
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "log_timezone=UTC",
            *(EPHEMERAL if self.ephemeral else DURABLE),
        )
        command = [str(programs / "postgres"), "-D", str(self.folder)]
        for option in options:
            command += ["-c", option]
        for pause in PAUSES_AFTER_KILL:
            try:
                return self._run(command)
            except EngineDied:
                if not (self.folder / "postmaster.pid").exists():
                    raise
            # A killed server left its file: its last processes may still be leaving; the new one must wait.
            time.sleep(pause)
        return self._run(command)

    def _run(self, command: list[str]) -> Child:
        child = Child(command, account=self.account, log=self.log, stop_with=signal.SIGINT)
        child.wait_until(lambda: self._ready(child.pid), seconds=READY_SECONDS)
        return child

    def _create(self, programs: Path) -> None:
        # No password: only whoever may enter the socket folder reaches the server.
        run_as(
            [
                str(programs / "initdb"),
                *("-D", str(self.folder), "-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-instructions"),
                *(["--no-sync"] if self.ephemeral else []),
                *_locale(programs),
            ],
            account=self.account,
        )
        # The product never works as a superuser; tests make databases of their own.
        right = "CREATEDB" if self.ephemeral else "NOCREATEDB"
        run_as(
            [str(programs / "postgres"), "--single", "-D", str(self.folder), "postgres"],
            account=self.account,
            text=f"CREATE ROLE {ROLE} LOGIN {right}\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        )

    def _ready(self, pid: int) -> bool:
        # The server's own file: its first line is its id, its eighth its state.
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(pid)] and [line.strip() for line in lines[7:8]] == ["ready"]


def _locale(programs: Path) -> tuple[str, ...]:
    """Return how texts are ordered: by code point, and the same on every machine."""
    words = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", words)[0]) < BUILTIN_LOCALE_SINCE:
        return ("--locale=C.UTF-8",)
    return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
