"""What stood in a refused row of a file, sealed: such rows hold phones, names and plates, as the files do."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from loyalty.kernel.crypto import UNREADABLE, BrokenSeal, seal, unseal


class Refused(NamedTuple):
    """The value that was wrong, and the row as it stood."""

    value: str | None = None
    cells: Sequence[Any] = ()


def seal_reject(place: str, value: str | None, cells: Sequence[Any]) -> bytes:
    """Return the value and the row, sealed for their place."""
    return seal(json.dumps([value, list(cells)], ensure_ascii=False, default=str), place=place)


def open_reject(place: str, sealed: bytes | None) -> Refused:
    """Return what was sealed for that place; nothing where it was cleared."""
    return Refused() if sealed is None else Refused(*json.loads(unseal(bytes(sealed), place=place)))


def readable_reject(place: str, sealed: bytes | None) -> Refused:
    """Return the same to be shown; UNREADABLE as the value where it does not open."""
    try:
        return open_reject(place, sealed)
    except BrokenSeal:
        return Refused(UNREADABLE)
