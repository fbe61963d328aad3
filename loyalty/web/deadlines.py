"""A deadline around each request: one that waits for a database that hangs is answered with 503 and not left waiting.

PostgreSQL's own time-outs end statements that take long, but not the wait for a server that has stopped answering: a
stopped process, a cut cable, a full disk. So the process looks a few times a second which requests have passed their
deadline with a statement in progress, and shuts the line of those to the database: the statement fails at once, as if
the server had gone, the error table answers 503, and the pool opens another line for the next request.
Jobs are no requests: an import or a night may take as long as it takes, under leases.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg
from flask import Flask, g
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import Pool

from loyalty.kernel.errors import Unavailable
from loyalty.kernel.settings import Settings

Serve = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""A WSGI application, which answers an environment."""

LOOK_SECONDS = 0.2
SLOWEST_BYTES_A_SECOND = 50_000  # a large file over a thin line has its time on top


@dataclass(slots=True)
class Running:
    """A request by its deadline (by the clock of durations) and the line to the database that it holds."""

    deadline: float
    line: psycopg.Connection[Any] | None = None
    passed: bool = False


@dataclass(slots=True)
class Watch:
    """The running requests of this process by their thread; `pid` tells a fork, which watches for itself."""

    running: dict[int, Running] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    pid: int = 0

    def look(self) -> None:
        """Shut the lines of requests that are past their deadline and wait for the database."""
        now = monotonic()
        with self.lock:
            for one in self.running.values():
                if now >= one.deadline and one.line is not None and _waits(one.line):
                    one.passed = True
                    _shut(one.line)

    def begin(self, deadline: float) -> None:
        """Watch the request of this thread."""
        if self.pid != os.getpid():
            self.pid, self.running, self.lock = os.getpid(), {}, threading.Lock()
            threading.Thread(target=self._keep_looking, args=(self.pid,), name="deadlines", daemon=True).start()
        self.running[threading.get_ident()] = Running(deadline)

    def end(self) -> None:
        """Watch the request of this thread no more."""
        self.running.pop(threading.get_ident(), None)

    def present(self) -> Running | None:
        """Return what is known of the request of this thread; None outside of requests."""
        return self.running.get(threading.get_ident())

    def _keep_looking(self, pid: int) -> None:
        pause = threading.Event()
        while self.pid == pid:
            self.look()
            pause.wait(LOOK_SECONDS)


WATCH = Watch()


def init_app(app: Flask) -> None:
    """Give each request its deadline, which begins before its session is read; 0 ms in the settings gives none."""
    settings: Settings = app.extensions["loyalty.settings"]
    seconds = settings.request_deadline_ms / 1000
    if seconds:
        # Flask documents this very assignment as the way to wrap an application.
        app.wsgi_app = _watched(app.wsgi_app, seconds)  # type: ignore[assignment,method-assign]
    app.before_request_funcs.setdefault(None, []).insert(0, _refuse_without_session)


def _refuse_without_session() -> None:
    """Refuse a request whose session could not be read: whose it is cannot be told."""
    if is_database_away():
        raise Unavailable


def _watched(serve: Serve, seconds: float) -> Serve:
    def watched(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        extra = int(length) / SLOWEST_BYTES_A_SECOND if length.isdecimal() else 0
        WATCH.begin(monotonic() + seconds + extra)
        try:
            return serve(environ, start_response)
        finally:
            WATCH.end()

    return watched


def database_is_away() -> None:
    """Note that the database did not answer this request, so that nothing more is asked of it."""
    g.database_away = True


def is_database_away() -> bool:
    """Return whether the database did not answer this request."""
    return bool(g.get("database_away"))


def _waits(line: psycopg.Connection[Any]) -> bool:
    return not line.closed and line.info.transaction_status == TransactionStatus.ACTIVE


def _shut(line: psycopg.Connection[Any]) -> None:
    """End the line for both sides; whoever waits for it wakes with an error. The number of the line stays taken."""
    try:
        with socket.socket(fileno=os.dup(line.fileno())) as copy:
            copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has gone by itself


@event.listens_for(Pool, "checkout")
def _took(line: Any, _record: Any, _proxy: Any) -> None:
    one = WATCH.present()
    if one is None:
        return
    if one.passed:
        raise PoolTimeout("the deadline of this request has passed")
    with WATCH.lock:
        one.line = line


@event.listens_for(Pool, "checkin")
def _gave_back(_line: Any, _record: Any) -> None:
    one = WATCH.present()
    if one is not None:
        with WATCH.lock:
            one.line = None
