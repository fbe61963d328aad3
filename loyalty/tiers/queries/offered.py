"""The levels that forms of other rules offer by name."""

from collections.abc import Mapping
from datetime import datetime

from loyalty.programme.queries import in_force
from loyalty.tiers.rules import Scheme


def offered_levels(now: datetime) -> dict[str, Mapping[str, str]]:
    """Return the levels of the scheme in force by code, with their names; none without a scheme."""
    version = in_force("tiers", now)
    scheme: Scheme | None = version.rules if version else None
    return {level.code: level.name for level in scheme.levels} if scheme else {}
