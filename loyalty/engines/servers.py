"""The two servers of a data folder, started and stopped together."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loyalty.engines.account import Account, account_for
from loyalty.engines.binaries import postgres_programs, valkey_program
from loyalty.engines.child import Child
from loyalty.engines.folder import Addresses, DataFolder
from loyalty.engines.postgres import Postgres
from loyalty.engines.valkey import Valkey


@dataclass
class Engine:
    """One server of ours: where it lives, and the child that runs there."""

    place: Postgres | Valkey
    child: Child

    def stop(self) -> None:
        """Stop the child that runs now."""
        self.child.stop()


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are, and those of them that are ours."""

    addresses: Addresses
    engines: Sequence[Engine]

    def revive(self, environ: Mapping[str, str]) -> list[str]:
        """Start each server that has ended again, at the same address; return their names."""
        ended = [engine for engine in self.engines if not engine.child.running()]
        for engine in ended:
            engine.child = engine.place.start(environ)
        return [engine.child.name for engine in ended]


@contextmanager
def own_servers(folder: DataFolder, environ: Mapping[str, str] | None = None) -> Iterator[Servers]:
    """Own the folder, start each server that has no URL in the environment, and stop them afterwards.

    Refuses with FolderInUse when another process owns the folder. Call it from the main thread: servers die with
    the thread that started them.
    """
    environ = os.environ if environ is None else environ
    folder.create()
    with ExitStack() as stack:
        stack.enter_context(folder.own())
        servers = _start(folder, environ, stack)
        folder.publish(servers.addresses)
        stack.callback(folder.withdraw)
        yield servers


def _start(folder: DataFolder, environ: Mapping[str, str], stack: ExitStack) -> Servers:
    database_url, redis_url = environ.get("LOYALTY_DATABASE_URL"), environ.get("LOYALTY_REDIS_URL")
    if database_url and redis_url:
        return Servers(Addresses(database_url, redis_url), ())
    needed = [] if database_url else [postgres_programs(environ)]
    needed += [] if redis_url else [valkey_program(environ)]
    account = account_for(folder.path, *needed)
    ephemeral = environ.get("LOYALTY_EPHEMERAL") == "1"
    sockets = folder.socket_folder()
    stack.callback(_remove_if_outside, sockets, folder.path)
    account.own(sockets)
    engines = []
    if not database_url:
        log = folder.path / "log/postgres.log"
        postgres = Postgres(_private(folder, "postgres", account), sockets, log, account, ephemeral)
        engines.append(_running(postgres, environ, stack))
        database_url = postgres.url()
    if not redis_url:
        log = folder.path / "log/valkey.log"
        valkey = Valkey(_private(folder, "valkey", account), sockets / "valkey.sock", log, account, ephemeral)
        engines.append(_running(valkey, environ, stack))
        redis_url = valkey.url()
    return Servers(Addresses(database_url, redis_url), engines)


def _running(place: Postgres | Valkey, environ: Mapping[str, str], stack: ExitStack) -> Engine:
    engine = Engine(place, place.start(environ))
    stack.callback(engine.stop)  # callbacks run in reverse: Valkey stops before PostgreSQL
    return engine


def _private(folder: DataFolder, name: str, account: Account) -> Path:
    path = folder.path / name
    path.mkdir(exist_ok=True, mode=0o700)
    account.own(path)
    return path


def _remove_if_outside(sockets: Path, folder: Path) -> None:
    if folder not in sockets.parents:
        shutil.rmtree(sockets, ignore_errors=True)
