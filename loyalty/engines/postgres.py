"""Our own PostgreSQL in a folder."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from loyalty.engines.account import Account
from loyalty.engines.binaries import postgres_programs
from loyalty.engines.child import Child, run_as

ROLE = "loyalty"
DATABASE = "loyalty"
READY_SECONDS = 60  # recovery after a killed machine reads the log again

DURABLE = ("shared_buffers=256MB", "max_connections=100")
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
        (self.folder / "postmaster.pid").unlink(missing_ok=True)  # of a killed server: our lock says nobody runs
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
        child = Child(command, account=self.account, log=self.log, stop_with=signal.SIGINT)
        child.wait_until(self._ready, seconds=READY_SECONDS)
        return child

    def _create(self, programs: Path) -> None:
        # No password: only whoever may enter the socket folder reaches the server.
        run_as(
            [
                str(programs / "initdb"),
                *("-D", str(self.folder), "-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-instructions"),
                *(["--no-sync"] if self.ephemeral else []),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
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

    def _ready(self) -> bool:
        # The eighth line of the server's own file is its state.
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"  # noqa: PLR2004 - the line's number, as said above
