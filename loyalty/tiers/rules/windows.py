"""Windows: the days whose facts a criterion counts, both ends included. The last day is the day that is asked about."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from loyalty.kernel.clock import add_months

WindowKind = Literal["lifetime", "calendar", "rolling", "anniversary"]
Anchor = Literal["joining", "tier", "delivery"]

BEGINNING = date(1, 1, 1)
NEVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days from which a member's own years are counted; None where there was no such day."""

    joining: date
    tier: date
    delivery: date | None = None

    def day_of(self, anchor: Anchor) -> date | None:
        """Return the day of an anchor, or None."""
        return {"joining": self.joining, "tier": self.tier, "delivery": self.delivery}[anchor]


@dataclass(frozen=True, slots=True)
class Window:
    """Everything until the day; a year from `first_month`; the last `months`; or the year since an anniversary."""

    kind: WindowKind
    first_month: int = 1
    months: int = 12
    anchor: Anchor = "joining"

    def start(self, as_of: date, anchors: Anchors) -> date:
        """Return the first day that counts for `as_of`; NEVER when the member has no such anniversary."""
        if self.kind == "lifetime":
            return BEGINNING
        if self.kind == "calendar":
            return date(as_of.year - (as_of.month < self.first_month), self.first_month, 1)
        if self.kind == "rolling":
            return rolling_start(as_of, self.months)
        day = anchors.day_of(self.anchor)
        return NEVER if day is None else last_anniversary(day, as_of)


def rolling_start(as_of: date, months: int) -> date:
    """Return the first of the `months` that end with `as_of`: whole months when `as_of` is the last day of one."""
    return add_months(as_of + timedelta(days=1), -months)


def last_anniversary(day: date, as_of: date) -> date:
    """Return the latest anniversary of `day` that is not after `as_of`; 29 February counts as 28 in common years."""
    years = as_of.year - day.year
    if add_months(day, 12 * years) > as_of:
        years -= 1
    return add_months(day, 12 * years)
