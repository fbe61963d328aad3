"""What a benchmark runs on: one PostgreSQL with fsync on, the two web servers, and what their work costs in CPU."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
from sqlalchemy.engine import make_url

from loyalty.cli.schema import upgrade
from loyalty.engines.folder import DataFolder
from loyalty.engines.servers import own_servers

HERE = Path(__file__).parent
PORTS = {"limit": 18741, "product": 18742}
SERVER = ["-k", "gthread", "--workers", "2", "--threads", "4", "--preload", "--no-control-socket", "--log-level", "warning"]


@dataclass(frozen=True)
class Machine:
    """The addresses of the two databases and of Valkey."""

    limit_url: str
    product_url: str
    redis_url: str
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which the product and the limit run."""
        return {
            **os.environ,
            "LIMIT_URL": self.limit_url,
            "LOYALTY_DATABASE_URL": self.product_url,
            "LOYALTY_REDIS_URL": self.redis_url,
            "LOYALTY_DATA": str(self.folder),
            "LOYALTY_SECRET_KEY": "bench" * 8,
        }


@contextmanager
def machine() -> Iterator[Machine]:
    """Start the servers with two empty databases: the limit's from limit.sql, the product's from its migrations."""
    with TemporaryDirectory(prefix="loyalty-bench-") as path, ExitStack() as stack:
        Path(path).chmod(0o711)  # the servers' account passes through
        servers = stack.enter_context(own_servers(DataFolder(Path(path))))
        base = make_url(servers.addresses.database_url)
        with psycopg.connect(_plain(base), autocommit=True) as connection:
            for name in ("bench_limit", "bench_product"):
                connection.execute(f"CREATE DATABASE {name}")
        limit, product = (base.set(database=name) for name in ("bench_limit", "bench_product"))
        with psycopg.connect(_plain(limit)) as connection:
            connection.execute((HERE / "limit.sql").read_text())
        upgrade(product.render_as_string(hide_password=False))
        yield Machine(
            _plain(limit), product.render_as_string(hide_password=False), servers.addresses.redis_url, Path(path)
        )


def _plain(url) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def web(which: str, environ: dict[str, str]) -> Iterator[int]:
    """Serve the limit or the product; give the process id of the parent."""
    application = {"limit": "tests.bench.limit_app:app", "product": "wsgi:app"}[which]
    command = [sys.executable, "-m", "gunicorn", *SERVER, "--bind", f"127.0.0.1:{PORTS[which]}", application]
    process = subprocess.Popen(command, env=environ)
    try:
        _wait(PORTS[which])
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
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


def cpu_seconds(pid: int) -> float:
    """Return the CPU that a process and its children have used."""
    parent = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:2]) for one in [parent, *parent.children(recursive=True)])
