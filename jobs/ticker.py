"""Looks every few seconds what is due in PostgreSQL, and rings.

Any number of tickers may run. What is due is decided by rows, so two do what one does; when Valkey is away for half
a minute, a ticker does the due work itself.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from jobs.runner import queue_named, ring
from jobs.schedule import BELLS, Bell, plan_nights
from loyalty.kernel.db import database_now
from loyalty.kernel.presence import be_seen

LOOK_SECONDS = 5
RING_AGAIN_SECONDS = 30
PATIENCE_SECONDS = 30

log = structlog.get_logger()


@dataclass
class Ticker:
    """One ticker; `seconds` is a clock for durations."""

    app: Flask
    connection: Redis
    seconds: Callable[[], float] = time.monotonic
    stopped: threading.Event = field(default_factory=threading.Event)
    away_since: float | None = None

    def run(self) -> None:
        """Look until `stopped` is set; a database that is away is waited for."""
        while not self.stopped.is_set():
            try:
                self.look()
            except OperationalError as problem:
                log.warning("ticker.database_away", problem=str(problem.orig))
            self.stopped.wait(LOOK_SECONDS)

    def look(self) -> int:
        """Plan what has become due and ring for it, or do it; return how many rows were due."""
        with self.app.app_context():
            now = database_now()
            be_seen("ticker")
            plan_nights(now)
            slot = int(now.timestamp()) // RING_AGAIN_SECONDS
            due = [(bell, number) for bell in BELLS for number in bell.due()]
            for bell, number in due:
                if not self._ring(bell, number, slot):
                    bell.work(number)
            return len(due)

    def _ring(self, bell: Bell, number: int, slot: int) -> bool:
        """Return False when Valkey has been away for so long that nobody will hear."""
        try:
            ring(queue_named(bell.queue, self.connection), bell.work, number, slot=slot)
        except RedisError as problem:
            self.away_since = self.seconds() if self.away_since is None else self.away_since
            log.warning("ticker.queue_away", problem=str(problem))
            return self.seconds() - self.away_since < PATIENCE_SECONDS
        self.away_since = None
        return True
