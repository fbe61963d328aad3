"""How a piece of work runs: by name, with whole numbers, at the database's time.

A job is a function with `@job`. It gets `now` from the database's clock and then the numbers it was called with. Only
functions that carry the mark can be called through the queue: whoever can write to Valkey must not be able to run
anything else.
"""

from collections.abc import Callable
from typing import Any, cast

from redis import Redis
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from loyalty.kernel.db import database_now

Work = Callable[..., None]

RING_SECONDS = 60  # a bell that nobody heard is rung again; the row stays due
FAILURE_SECONDS = 3_600
LONGEST_SECONDS = 600

ALLOWED: dict[str, Work] = {}


class NotAllowed(Exception):
    """The queue holds something that is no job of ours, or with other arguments than whole numbers."""


def job(work: Callable[..., None]) -> Work:
    """Let the queue call `work(now, *numbers)` as `work(*numbers)`; `now` is the database's time."""

    def timed(*numbers: int) -> None:
        work(database_now(), *numbers)

    timed.__doc__ = work.__doc__
    timed.__name__ = f"{work.__module__}.{work.__name__}"
    ALLOWED[timed.__name__] = timed
    return timed


class OurJob(Job):
    """A job that knows our functions only, and neither callbacks nor webhooks nor repeats."""

    @property
    def func(self) -> Work:
        """Return the function that may be called; refuse everything else with NotAllowed."""
        name = self.func_name
        if self.instance is not None or name not in ALLOWED:
            raise NotAllowed(f"{name} is no job")
        if self.kwargs or not all(type(number) is int for number in self.args):
            raise NotAllowed(f"{name} takes whole numbers only")
        return ALLOWED[name]

    def restore(self, raw_data: Any) -> Any:
        """Read the job from Valkey, without anything that would call or reach something by itself."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        self.repeats_left = None
        self.retries_left = None


class OurQueue(Queue):
    """A queue of our jobs, in JSON."""

    job_class = OurJob


def queue_named(name: str, connection: Redis) -> OurQueue:
    """Return one queue."""
    return OurQueue(name, connection=connection, serializer=cast("Any", JSONSerializer))


def ring(queue: OurQueue, work: Work, *numbers: int, slot: int) -> bool:
    """Ask a worker to look at one row; return False when the same bell was rung in this slot already."""
    name = cast("Any", work).__name__
    job_id = "-".join([name.replace(".", "_"), *map(str, numbers), str(slot)])
    if OurJob.exists(job_id, queue.connection):
        return False
    queue.enqueue_call(
        name,
        args=list(numbers),
        job_id=job_id,
        ttl=RING_SECONDS,
        result_ttl=0,
        failure_ttl=FAILURE_SECONDS,
        timeout=LONGEST_SECONDS,
    )
    return True
