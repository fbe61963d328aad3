"""What members have, by which limit and product are held to the same work."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Holdings:
    """Sums over all members: points, lots and what is left in them, spend in minor units, members by level."""

    sales: int
    available: int
    lots: int
    remaining: int
    spend: int
    levels: Mapping[str, int]
