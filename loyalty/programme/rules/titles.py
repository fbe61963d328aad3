"""What kinds of rules are called, in English; pages translate it."""

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules.tables import KINDS, REGION_TEXTS

KIND_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "earning": "Earning points",
        "expiry": "Expiry of points",
        "refunds": "Refunds",
        "redemption": "Redeeming points",
        "tiers": "Tiers",
        "membership": "Enrolment",
        "gate": "When and how often customers are contacted",
        "follow-up": "Follow-up plans",
    }
)


def title_of(kind: str) -> Sentence:
    """Return the name of a kind for a sentence; a kind without one by its code."""
    return Sentence(KIND_TITLES.get(kind, kind))


def table_title(kind: str) -> Sentence:
    """Return the name of a kind of facts for a sentence; a kind that is no more by its code."""
    return Sentence(next((known.title for known in KINDS if known.code == kind), kind))


def region_title(region: str) -> Sentence:
    """Return the name of a region for a sentence."""
    return Sentence(REGION_TEXTS.get(region, region))
