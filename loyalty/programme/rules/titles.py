"""What kinds of rules are called, in English; pages translate it."""

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.kernel.errors import Sentence

KIND_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "earning": "Earning points",
        "expiry": "Expiry of points",
        "refunds": "Refunds",
        "redemption": "Redeeming points",
        "tiers": "Tiers",
        "membership": "Enrolment",
    }
)


def title_of(kind: str) -> Sentence:
    """Return the name of a kind for a sentence; a kind without one by its code."""
    return Sentence(KIND_TITLES.get(kind, kind))
