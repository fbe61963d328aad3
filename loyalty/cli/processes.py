"""The pieces that work behind the web, any number of each on any number of machines, with two URLs."""

import signal

import click
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.schedule import QUEUES
from jobs.ticker import Ticker
from jobs.worker import run_worker
from loyalty.app import create_app
from loyalty.cli.application import ready_servers
from loyalty.kernel.heap import settle_heap


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Run one worker on one queue."""
    with ready_servers() as settings:
        app = create_app()
        settle_heap()
        run_worker(app, queue, settings.redis_url)


@click.command()
def ticker() -> None:
    """Run the ticker that looks what is due."""
    with ready_servers() as settings:
        # One try for each bell: it looks again in seconds, and what is due must not wait behind tries at a dead queue.
        connection = Redis.from_url(settings.redis_url, socket_timeout=5, retry=Retry(NoBackoff(), 0))
        looking = Ticker(create_app(), connection)
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: looking.stopped.set())
        looking.run()
