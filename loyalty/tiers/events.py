"""What levels announce, always in batches and inside the transaction of the fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LevelReached:
    """A member has a higher level since a day, by what was bought or by hand; `names` are the level's, by zh and en."""

    customer_id: int
    level_code: str
    names: Mapping[str, str]
    since_day: date
