"""`loyalty serve` and `loyalty demo`: everything under one parent, which owns the servers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException

import click

from loyalty.cli.supervision import Family, Piece
from loyalty.engines.folder import data_folder
from loyalty.engines.problems import EngineDied, EngineProblem
from loyalty.engines.servers import Servers, own_servers

# As jobs.schedule has them; a test compares, since importing it here would load everything.
QUEUES = ("imports", "links", "messages", "night")
READY_SECONDS = 60
WEB_PATIENCE = 30
WORKER_PATIENCE = 630  # longer than the longest job
TICKER_PATIENCE = 15


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="LOYALTY_PORT", help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Run everything: servers, web, workers and ticker."""
    run_everything(host, port, prepare=(("migrate",),))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="LOYALTY_PORT", help="Port to listen on.")
def demo(host: str, port: int) -> None:
    """Run everything on a small believable dealer group, which is kept in the data folder."""
    run_everything(host, port, prepare=(("migrate",), ("seed",)), closing=("seed", "--show"))


def run_everything(
    host: str, port: int, *, prepare: Sequence[Sequence[str]], closing: Sequence[str] | None = None
) -> None:
    """Own the servers, run the commands of `prepare`, then web, workers and ticker until Ctrl-C.

    `closing` is a command whose words follow the addresses.
    """
    started = time.monotonic()
    _refuse_taken(host, port)
    try:
        with own_servers(data_folder(os.environ)) as servers:
            environ = {
                **os.environ,
                "LOYALTY_DATABASE_URL": servers.addresses.database_url,
                "LOYALTY_REDIS_URL": servers.addresses.redis_url,
            }
            family = Family(pieces(host, port), environ)
            family.listen()
            for command in prepare:
                if _run(command, environ) != 0:
                    raise click.ClickException(f"`loyalty {' '.join(command)}` failed; nothing is running.")
            family.start()
            try:
                _wait_until_healthy(host, port, family)
                if not family.asked:
                    _greet(host, port, time.monotonic() - started)
                if closing and not family.asked:
                    _run(closing, environ)
                family.watch(lambda: _revive(servers))
            finally:
                click.echo("Stopping ...", err=True)
                family.stop()
    except EngineProblem as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo("Stopped; the data is kept.", err=True)


def pieces(host: str, port: int) -> list[Piece]:
    """Return the processes of one installation in the order in which they stop."""
    workers = [Piece(f"worker {queue}", _loyalty("worker", queue), WORKER_PATIENCE) for queue in QUEUES]
    return [
        Piece("web", _loyalty("web", "--host", host, "--port", str(port)), WEB_PATIENCE),
        *workers,
        Piece("ticker", _loyalty("ticker"), TICKER_PATIENCE),
    ]


def _loyalty(*words: str) -> list[str]:
    return [sys.executable, "-m", "loyalty.cli", *words]


def _run(words: Sequence[str], environ: Mapping[str, str]) -> int:
    return subprocess.run(_loyalty(*words), env=dict(environ), check=False).returncode  # noqa: S603 - our own command


def _refuse_taken(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as problem:
        raise click.ClickException(
            f"{host}:{port} cannot be used ({problem.strerror}). Choose another with --port or LOYALTY_PORT."
        ) from problem


def _wait_until_healthy(host: str, port: int, family: Family) -> None:
    web = family.pieces[0].process
    limit = time.monotonic() + READY_SECONDS
    while not _healthy(host, port):
        if family.asked:
            return
        if web is None or web.poll() is not None:
            raise click.ClickException("The web server ended; what it wrote stands above.")
        if time.monotonic() > limit:
            raise click.ClickException(f"The web server was not ready within {READY_SECONDS} s.")
        time.sleep(0.1)


def _healthy(host: str, port: int) -> bool:
    line = HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200  # noqa: PLR2004 - HTTP's word for well
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def _greet(host: str, port: int, seconds: float) -> None:
    base = f"http://{host}:{port}"
    click.echo(
        f"Ready after {seconds:.0f} s. Ctrl-C stops everything and keeps the data.\n\n"
        f"  owners    {base}/my/\n"
        f"  staff     {base}/staff/\n"
        f"  API       {base}/api/v1/docs\n"
    )


def _revive(servers: Servers) -> None:
    try:
        for name in servers.revive(os.environ):
            click.echo(f"{name} had ended and runs again.", err=True)
    except EngineDied as problem:
        click.echo(str(problem), err=True)
