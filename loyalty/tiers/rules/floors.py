"""What a level set by hand would do."""

from dataclasses import dataclass
from datetime import date

from loyalty.kernel.effects import Effect
from loyalty.tiers.rules.scheme import Level


@dataclass(frozen=True, slots=True)
class FloorEffect:
    """The level and its last valid day (None: no end) before and after, and the effect in words."""

    before: Level
    after: Level
    valid_before: date | None
    valid_after: date | None
    effect: Effect
