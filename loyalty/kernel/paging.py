"""Pages of a list by cursors: no OFFSET, so that the last page costs what the first does."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from loyalty.kernel.errors import Malformed

LARGEST_PAGE = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones begin; `next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def every(read: Callable[[str | None, int], Page[T]], *, most: int, at_once: int = 500) -> Iterator[T]:
    """Give the rows of a list, at most `most`, for an export; `read` takes a cursor and how many rows it may return."""
    cursor, left = None, most
    while left > 0:
        page = read(cursor, min(left, at_once))
        yield from page.items
        left -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the sort values of the last row shown as an opaque text for an address."""
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    raw = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(text: str, readers: Sequence[Callable[[Any], Any]]) -> tuple[Any, ...]:
    """Return the sort values, each read by its reader (`int`, `str` …); Malformed when the cursor was altered."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(reader(value) for reader, value in zip(readers, values, strict=True))
    except (ValueError, TypeError) as error:
        raise Malformed(
            {"cursor": ["This cursor is not one that was handed out. Start from the first page."]}
        ) from error


def page_size(asked: int | None, *, most: int = LARGEST_PAGE, usual: int = 50) -> int:
    """Return how many rows to show: `usual` when nothing was asked, never above `most`; Malformed below 1."""
    if asked is None:
        return usual
    if asked < 1:
        raise Malformed({"limit": ["Ask for at least 1 row."]})
    return min(asked, most)
