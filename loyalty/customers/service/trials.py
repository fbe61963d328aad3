"""A use case that is tried: it is done and taken back, so that what it tells is exactly what it would do."""

from types import TracebackType
from typing import Any, Self


class _TakenBack(Exception):
    """Leads out of the transaction of a trial."""


class Trial:
    """Stands around a transaction; `end` takes all of it back in a dry run, and `answer` is what it came to.

    It stands outside of the transaction, so that this one is rolled back on the way out.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self.dry_run = dry_run
        self.answer: Any = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def end(self) -> None:
        """Take everything back when this is only tried; nothing after it is done then."""
        if self.dry_run:
            raise _TakenBack

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        """Let the way out of a trial end here; everything else goes on."""
        return isinstance(error, _TakenBack)
