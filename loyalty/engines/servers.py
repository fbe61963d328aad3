"""The two servers of a data folder, started and stopped together."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loyalty.engines.account import account_for
from loyalty.engines.binaries import postgres_programs, valkey_program
from loyalty.engines.child import Child
from loyalty.engines.folder import Addresses, DataFolder
from loyalty.engines.postgres import Postgres
from loyalty.engines.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs, and where; a child is None when its server is somebody else's."""

    addresses: Addresses
    postgres: Child | None
    valkey: Child | None

    def all_running(self) -> bool:
        """Whether none of our servers has ended."""
        return all(child is None or child.running() for child in (self.postgres, self.valkey))


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
        return Servers(Addresses(database_url, redis_url), None, None)
    needed = [] if database_url else [postgres_programs(environ)]
    needed += [] if redis_url else [valkey_program(environ)]
    account = account_for(folder.path, *needed)
    ephemeral = environ.get("LOYALTY_EPHEMERAL") == "1"
    sockets = folder.socket_folder()
    stack.callback(_remove_if_outside, sockets, folder.path)
    account.own(sockets)
    postgres = valkey = None
    if not database_url:
        place = Postgres(_private(folder, "postgres"), sockets, folder.path / "log/postgres.log", account, ephemeral)
        account.own(place.folder)
        postgres = place.start(environ)
        stack.callback(postgres.stop)
        database_url = place.url()
    if not redis_url:
        store = Valkey(
            _private(folder, "valkey"), sockets / "valkey.sock", folder.path / "log/valkey.log", account, ephemeral
        )
        account.own(store.folder)
        valkey = store.start(environ)
        stack.callback(valkey.stop)  # stopped first: callbacks run in reverse
        redis_url = store.url()
    return Servers(Addresses(database_url, redis_url), postgres, valkey)


def _private(folder: DataFolder, name: str) -> Path:
    path = folder.path / name
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def _remove_if_outside(sockets: Path, folder: Path) -> None:
    if folder not in sockets.parents:
        shutil.rmtree(sockets, ignore_errors=True)
