"""How much one version of the rules differs from another."""

from collections.abc import Iterator
from typing import Any


def places(body: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value of a body with its place, such as `levels[0].criteria[1].threshold`."""
    if isinstance(body, dict) and body:
        for name, inner in body.items():
            yield from places(inner, f"{place}.{name}" if place else name)
    elif isinstance(body, list) and body:
        for index, inner in enumerate(body):
            yield from places(inner, f"{place}[{index}]")
    else:
        yield place, body


def differing(before: Any, after: Any) -> int:
    """Return how many places have another value, or stand in one of the two bodies alone."""
    old, new = dict(places(before)), dict(places(after))
    return sum(old.get(place, old) != new.get(place, old) for place in old.keys() | new.keys())
