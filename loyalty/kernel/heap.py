"""Python's search for cycles, kept from looking through the whole program again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 50_000, 20, 50
A_CHUNK = 1_000_000  # objects that may be new before the next search, while thousands of rows are in hand


def settle_heap() -> None:
    """Leave what is loaded by now out of every later search, and search more rarely; call it when all is loaded.

    Rows become objects by the hundred thousand and have no cycles: the searches took two fifths of an import's time,
    and in a web worker each full one stops all requests for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


@contextmanager
def many_rows() -> Iterator[None]:
    """Search even more rarely inside: the rows of a chunk come and go together, and have no cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(A_CHUNK, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
