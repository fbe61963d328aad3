"""Values by which a text is shown as its reader gets it, before anybody gets it."""

from collections.abc import Mapping

SAMPLES: Mapping[str, Mapping[str, str]] = {
    "zh_Hans_CN": {
        "name": "王建国",
        "customer": "王建国",
        "store": "城东店",
        "phone": "021-5555 0101",
        "vehicle": "沪A·12345",
        "day": "2026-03-12",
        "time": "09:30",
        "points": "8,420",
        "tier": "金卡",
        "code": "123456",
        "minutes": "5",
    },
    "en": {
        "name": "Wang Jianguo",
        "customer": "Wang Jianguo",
        "store": "East Store",
        "phone": "021-5555 0101",
        "vehicle": "沪A·12345",
        "day": "2026-03-12",
        "time": "09:30",
        "points": "8,420",
        "tier": "Gold",
        "code": "123456",
        "minutes": "5",
    },
}
"""What usual variables may hold, by language; of others their names are shown."""

PART, LONG_PART = 70, 67
"""How many characters one SMS holds, and each part of a longer one."""


def sample_values(names: frozenset[str], language: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for each variable: what was given, else the usual one, else its name in brackets."""
    usual = SAMPLES[language]
    return {name: given.get(name) or usual.get(name, f"〔{name}〕") for name in names}


def sms_parts(text: str) -> int:
    """Return how many SMS a text is charged as, by the count of operators in China; their signature comes on top."""
    return 1 if len(text) <= PART else -(-len(text) // LONG_PART)
