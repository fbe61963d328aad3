"""The pieces that may run alone, any number of each on any number of machines, with two URLs."""

import signal

import click
from redis import Redis

from jobs.schedule import QUEUES
from jobs.ticker import Ticker
from jobs.worker import run_worker
from loyalty.app import create_app
from loyalty.cli.application import ready_servers
from loyalty.cli.webserver import run_web


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="LOYALTY_PORT", help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes, each with 8 threads.")
def web(host: str, port: int, workers: int) -> None:
    """Run the web server alone."""
    with ready_servers():
        run_web(create_app(), f"{host}:{port}", workers)


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Run one worker on one queue."""
    with ready_servers() as settings:
        run_worker(create_app(), queue, settings.redis_url)


@click.command()
def ticker() -> None:
    """Run the ticker that looks what is due."""
    with ready_servers() as settings:
        looking = Ticker(create_app(), Redis.from_url(settings.redis_url, socket_timeout=5))
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: looking.stopped.set())
        looking.run()
