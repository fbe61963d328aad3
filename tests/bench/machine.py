"""What a benchmark runs on: one PostgreSQL with fsync on, the web servers, and what their work costs in CPU."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
from sqlalchemy.engine import URL, make_url

from loyalty.cli.schema import upgrade
from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers

HERE = Path(__file__).parent
SUPERUSER = "postgres"
ROOT = HERE.parents[1]
APPLICATIONS = {
    "limit": "tests.bench.limit_app:app",
    "product": "wsgi:app",
    "plain": "tests.bench.plain_app:app",
}


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody has: another run beside this one must not be asked in place of ours."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


PORTS = dict(zip(APPLICATIONS, _free_ports(len(APPLICATIONS)), strict=True))
SERVER = [
    "-k",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "4",
    "--preload",
    "--no-control-socket",
    "--log-level",
    "warning",
    *("--timeout", "120"),  # a busy machine is slow, and not broken
]


@dataclass(frozen=True)
class Machine:
    """The addresses of the two databases, of Valkey, and of the database of databases; the folder of the run."""

    limit_url: str
    product_url: str
    redis_url: str
    superuser_url: str
    folder: Path

    @property
    def plain_product_url(self) -> str:
        """The product's database as psycopg itself takes it."""
        return _plain(make_url(self.product_url))

    @property
    def above_product_url(self) -> str:
        """The same for whoever may leave out what the product's account may not."""
        return self.superuser_url.replace(f"/{SUPERUSER}?", "/bench_product?")

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which the product and the limit run."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")},
            "LIMIT_URL": self.limit_url,
            "LOYALTY_DATABASE_URL": self.product_url,
            "LOYALTY_REDIS_URL": self.redis_url,
            "LOYALTY_DATA": str(self.folder),
            "LOYALTY_SECRET_KEY": "bench" * 8,
        }

    @property
    def postgres_log(self) -> Path:
        """Where PostgreSQL writes what it is told to log."""
        return self.folder / "log/postgres.log"

    def postgres(self) -> int:
        """Return the process id of PostgreSQL."""
        return int((self.folder / "postgres/postmaster.pid").read_text().split("\n", 1)[0])


@contextmanager
def machine(kept: Path | None = None) -> Iterator[Machine]:
    """Start the servers with two databases: the limit's from limit.sql, the product's from its migrations.

    They go with the run, or stay in the folder `kept`, where the next run finds them with what they hold.
    """
    with ExitStack() as stack:
        path = kept or Path(stack.enter_context(TemporaryDirectory(prefix="loyalty-bench-")))
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o711)  # the servers' account passes through
        started = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
        servers = stack.enter_context(own_servers(DataFolder(path), started))
        base = make_url(servers.addresses.database_url)
        above = _plain(base.set(username=SUPERUSER, database=SUPERUSER))
        limit, product = (base.set(database=name) for name in ("bench_limit", "bench_product"))
        with psycopg.connect(above, autocommit=True) as connection:
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for one in (limit, product):
                if one.database not in there:
                    connection.execute(f"CREATE DATABASE {one.database} OWNER {base.username}")
        if limit.database not in there:
            with psycopg.connect(_plain(limit)) as connection:
                connection.execute((HERE / "limit.sql").read_text())
        upgrade(product.render_as_string(hide_password=False))
        yield Machine(
            _plain(limit), product.render_as_string(hide_password=False), servers.addresses.redis_url, above, path
        )


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def web(which: str, environ: Mapping[str, str]) -> Iterator[int]:
    """Serve the limit, the product or the plain ORM, all by the same server; give the process id of the parent."""
    bind = ["--bind", f"127.0.0.1:{PORTS[which]}", APPLICATIONS[which]]
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", *SERVER, *bind], env=environ, cwd=ROOT)
    try:
        _wait(process, PORTS[which])
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen, port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise SystemExit(f"nothing answers on port {port}")


class Meter:
    """The CPU that a process and its children use from now on; those that end meanwhile count until they are seen."""

    def __init__(self, pid: int) -> None:
        self._parent = psutil.Process(pid)
        self._before = self._times()

    def seconds(self) -> float:
        """Return the seconds used since the meter was made."""
        return sum(used - self._before.get(pid, 0) for pid, used in self._times().items())

    def _times(self) -> dict[int, float]:
        times = {}
        for one in [self._parent, *self._parent.children(recursive=True)]:
            try:
                times[one.pid] = sum(one.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        return times
