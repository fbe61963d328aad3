"""Work side by side: threads of one process, each with a database session of its own.

While PostgreSQL works for one of them the others go on, so lanes keep the processors busy. What is done in one lane
must not wait for what another one has locked: whoever cuts the work sees to that.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType
from typing import Self

from flask import Flask, current_app

from loyalty.kernel.db import in_transaction

Work = Callable[[], None]
Begun = Future[None]
"""A work that was begun."""


class Lanes:
    """Up to `most` works at a time; with one, or inside a transaction, the caller's own thread does each at once.

    Leaving it waits for what was begun; behind an error nothing else is begun.
    """

    def __init__(self, most: int) -> None:
        alone = most < 2 or in_transaction()  # noqa: PLR2004 - another lane would not see what is not committed
        self.most = 1 if alone else most
        self._pool = None if alone else ThreadPoolExecutor(most, thread_name_prefix="lane")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=error is not None)

    def begin(self, work: Work, after: Sequence[Begun] = ()) -> Begun:
        """Begin a work as soon as a lane is free and those of `after`, begun before it, have ended well."""
        if self._pool is not None:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
            return self._pool.submit(partial(_with_session, app, work, after))
        work()
        done = Begun()
        done.set_result(None)
        return done

    def finish(self, begun: Sequence[Begun]) -> None:
        """Wait for these; raise what the first of them raised, when all of them have ended."""
        wait(begun)
        for one in begun:
            one.result()


def _with_session(app: Flask, work: Work, after: Sequence[Begun]) -> None:
    for one in after:
        one.result()  # lanes take works in their order, so what this one waits for is under way
    with app.app_context():
        work()
