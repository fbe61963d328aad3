"""A chunk of a file cut so that its parts can be recorded at the same time."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


def apart(sales: Sequence[T], names: Sequence[Sequence[Hashable]], most: int) -> list[list[T]]:
    """Return up to `most` parts of about one size, none of which shares a name with another; the order stays.

    `names` are those of each sale: its customer and its vehicle. Sales that are linked by a name, directly or through
    others, stay together, so that what one part writes or locks is nothing to the others: done side by side they come
    to the same as one after the other. The same sales are always cut in the same way.
    """
    leaders: list[int] = []  # of each group, the group that it was joined to, or itself
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
        for name in own:
            group_of[name] = group
        member.append(group)
    return _dealt(sales, [_leader(leaders, group) for group in member], most)


def _leader(leaders: list[int], group: int) -> int:
    while leaders[group] != group:
        group = leaders[group]
    return group


def _dealt(sales: Sequence[T], groups: Sequence[int], most: int) -> list[list[T]]:
    """Give whole groups to parts, as they come, each to the part that has the fewest sales so far."""
    sizes: dict[int, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    loads = [0] * most
    part_of = {}
    for group, size in sizes.items():
        part = part_of[group] = loads.index(min(loads))
        loads[part] += size
    parts: list[list[T]] = [[] for _ in range(most)]
    for sale, group in zip(sales, groups, strict=True):
        parts[part_of[group]].append(sale)
    return [part for part in parts if part]
