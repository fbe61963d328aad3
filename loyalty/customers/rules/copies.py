"""The copy of everything about a person: each feature registers its part, so that none can be forgotten."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CopyPart:
    """One part of the copy: `query` gets the customer's id, then those that were merged into it.

    `title` is an English msgid, `tables` are those that the part tells of.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    query: Callable[[Sequence[int]], Rows]


_parts: dict[str, CopyPart] = {}


def register_parts(parts: Sequence[CopyPart]) -> None:
    """Set the parts of the copy, in their order; wiring.py calls it once, when the application is made."""
    _parts.clear()
    _parts.update({part.name: part for part in parts})


def copy_parts() -> tuple[CopyPart, ...]:
    """Return the registered parts, in their order."""
    return tuple(_parts.values())
