"""Work side by side: threads of one process, each with a database session of its own.

While PostgreSQL works for one of them the others go on, so lanes keep the processors busy. What is done in one lane
must not wait for what another one has locked: whoever cuts the work sees to that.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType
from typing import Self

from flask import Flask, current_app

from loyalty.kernel.db import in_transaction

Work = Callable[[], None]

# A lane whose rows have come waits this long, in seconds, for one that reckons. With Python's 5 ms a wait of 1 ms for
# PostgreSQL took 6, fifty times in each part of a file.
TURN = 0.0005


class Lanes:
    """Up to `most` works at a time; with one, or inside a transaction, the caller's own thread does each at once.

    Leaving it waits for what was begun; nothing goes on behind an error.
    """

    def __init__(self, most: int) -> None:
        alone = most < 2 or in_transaction()  # noqa: PLR2004 - another lane would not see what is not committed
        self.most = 1 if alone else most
        self._pool = None if alone else ThreadPoolExecutor(most, thread_name_prefix="lane")
        self._begun: list[Future[None]] = []
        self._usual_turn = sys.getswitchinterval()

    def __enter__(self) -> Self:
        if self._pool:
            sys.setswitchinterval(TURN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True)
            sys.setswitchinterval(self._usual_turn)

    def begin(self, works: Sequence[Work]) -> None:
        """Begin these works; those begun before must be finished."""
        if self._pool is None:
            for work in works:
                work()
        else:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
            self._begun = [self._pool.submit(partial(_with_session, app, work)) for work in works]

    def finish(self) -> None:
        """Wait for what was begun; raise what the first of it raised, when all of it has ended."""
        begun, self._begun = self._begun, []
        wait(begun)
        for one in begun:
            one.result()


def _with_session(app: Flask, work: Work) -> None:
    with app.app_context():
        work()
