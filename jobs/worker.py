"""One worker process on one queue.

The application is loaded once; each job runs in a fork of it, which takes no connection over from its parent. A worker
on two queues could lose a job when it is killed (measured), so there is one queue for each process.
"""

import time
from typing import Any, cast

import structlog
from flask import Flask
from redis import Redis
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import Worker
from sqlalchemy.exc import OperationalError

from jobs.runner import OurJob, OurQueue, queue_named
from loyalty.kernel.db import db
from loyalty.kernel.presence import be_seen

SEEN_SECONDS = 10  # how often it is written at most that a worker is there
IDLE_SECONDS = 45  # with this an idle worker shows itself every 30 s

log = structlog.get_logger()


class OurWorker(Worker):
    """A worker that runs our jobs in the application's context."""

    job_class = OurJob
    queue_class = OurQueue
    max_connection_wait_time = 5.0  # seconds; after a restart of Valkey the bells ring again at once
    app: Flask
    shown_at = float("-inf")

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Tell Valkey, and PostgreSQL too, that this worker is there; without a database it works on as well."""
        super().heartbeat(*args, **kwargs)
        if time.monotonic() < self.shown_at + SEEN_SECONDS:
            return
        self.shown_at = time.monotonic()
        try:
            with self.app.app_context():
                be_seen("worker", ",".join(self.queue_names()))
        except OperationalError as problem:
            log.warning("worker.database_away", problem=str(problem.orig))

    def main_work_horse(self, job: Any, queue: Queue) -> None:
        """Run the job, in the fork, on connections of its own."""
        with self.app.app_context():
            db.engine.dispose(close=False)  # the parent's stay the parent's
            super().main_work_horse(job, queue)


def run_worker(app: Flask, queue: str, redis_url: str) -> None:
    """Work until SIGTERM, which lets the job at hand finish."""
    connection = Redis.from_url(redis_url)
    worker = OurWorker(
        [queue_named(queue, connection)],
        connection=connection,
        serializer=cast("Any", JSONSerializer),
        worker_ttl=IDLE_SECONDS,
    )
    worker.app = app
    with app.app_context():
        db.engine.dispose()
    worker.work(logging_level="WARNING")
