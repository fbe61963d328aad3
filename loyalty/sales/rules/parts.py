"""A chunk of a file cut so that its parts can be recorded at the same time."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar
from zlib import crc32

T = TypeVar("T")


def apart(sales: Sequence[T], names: Sequence[Sequence[Hashable]], most: int) -> list[list[T]]:
    """Return up to `most` parts of about one size, none of which shares a name with another; the order stays.

    `names` are those of each sale: its customer and its vehicle. Sales that are linked by a name, directly or through
    others, stay together, so that what one part writes or locks is nothing to the others: done side by side they come
    to the same as one after the other. The same sales are always cut in the same way, in every process; and whoever
    comes again in the next chunk comes in the same part of it, so that hardly any part waits for more than one other.
    """
    leaders: list[int] = []  # of each group, the group that it was joined to, or itself
    called: list[Hashable] = []  # each group by its first name
    group_of: dict[Hashable, int] = {}
    member = []
    for own in names:
        groups = {_leader(leaders, group_of[name]) for name in own if name in group_of}
        if groups:
            group = min(groups)
            for other in groups:
                leaders[other] = group
        else:
            group = len(leaders)
            leaders.append(group)
            called.append(own[0] if own else group)
        for name in own:
            group_of[name] = group
        member.append(group)
    part_of = [crc32(repr(name).encode()) % most for name in called]
    parts: list[list[T]] = [[] for _ in range(most)]
    for sale, group in zip(sales, member, strict=True):
        parts[part_of[_leader(leaders, group)]].append(sale)
    return [part for part in parts if part]


def _leader(leaders: list[int], group: int) -> int:
    while leaders[group] != group:
        group = leaders[group]
    return group


class Place(NamedTuple):
    """Where a part of a file stands: which part of how many of the rows behind `after` up to `until`."""

    after: int
    until: int
    part: int
    of: int


def done_up_to(rows: int, places: Sequence[Place]) -> tuple[int, tuple[Place, ...]]:
    """Return up to which row all is done, and the places done behind it, of one or two chunks.

    `rows` is what was all done before `places` were.
    """
    while (first := [place for place in places if place.after == rows]) and len(first) == first[0].of:
        rows = first[0].until
        places = [place for place in places if place.after >= rows]
    return rows, tuple(places)
