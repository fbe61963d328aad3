"""PostgreSQL's own programs, told where the database is without a password on their command line."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import click
from sqlalchemy.engine import make_url

from loyalty.engines.binaries import postgres_clients

LOCK_WAIT = "60s"  # a migration that runs just now


class ProgramFailed(click.ClickException):
    """One of PostgreSQL's programs ended with an error; its own words follow."""


class Programs:
    """`pg_dump`, `pg_restore` and `psql` for one database."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._folder = postgres_clients(os.environ)
        self._environ = {**os.environ, "PGCONNECT_TIMEOUT": "10", "PGOPTIONS": "-c statement_timeout=0"}
        if url.password is not None:
            self._environ["PGPASSWORD"] = str(url.password)
        self._target = url.set(password=None).render_as_string()

    def dump(self, target: Path, *, snapshot: str) -> None:
        """Write the database as it stood at `snapshot`."""
        self._run(
            "pg_dump",
            *("--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={LOCK_WAIT}"),
            *(f"--snapshot={snapshot}", f"--file={target}", f"--dbname={self._target}"),
        )

    def restore(self, dump: Path, *, before: Sequence[str], after: Sequence[str]) -> None:
        """Run `before`, the dump and `after` as one transaction: all of it or, with ProgramFailed, nothing."""
        script = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            [self._program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        shell = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            [self._program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, f"--dbname={self._target}"],
            env=self._environ,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with script, shell:
            assert shell.stdin is not None  # noqa: S101 - opened as pipes above
            assert script.stdout is not None  # noqa: S101 - likewise
            try:
                _feed(shell.stdin, ["BEGIN;", *before])
                shutil.copyfileobj(script.stdout, shell.stdin)
                if script.wait() == 0:
                    # The dump leaves the search path empty.
                    _feed(shell.stdin, ["SET search_path = public;", *after, "COMMIT;"])
            except BrokenPipeError:
                script.kill()  # psql stopped at an error, and says so below
            words = _end(shell) or _end(script)
        if words or shell.returncode or script.returncode:
            raise ProgramFailed(f"Nothing was restored. {words.strip() or 'pg_restore could not read the dump.'}")

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [self._program(name), *words], env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ProgramFailed(f"{name}: {done.stderr.strip()}")

    def _program(self, name: str) -> str:
        return str(self._folder / name)


def _feed(stdin: IO[bytes], statements: Sequence[str]) -> None:
    stdin.write(("\n".join(statements) + "\n").encode())
    stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> str:
    """Close what goes in, wait, and return what the process complained of."""
    if process.stdin is not None:
        try:
            process.stdin.close()
        except BrokenPipeError:
            process.stdin = None
    words = process.stderr.read().decode(errors="replace") if process.stderr is not None else ""
    process.wait()
    return words if process.returncode else ""
