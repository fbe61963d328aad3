"""Python's search for cycles, kept from looking through the whole program again and again."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50


def settle_heap() -> None:
    """Leave what is loaded by now out of every later search, and search more rarely; call it when all is loaded.

    Rows become objects by the hundred thousand and have no cycles: the searches took two fifths of an import's time,
    and in a web worker each full one stops all requests for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
