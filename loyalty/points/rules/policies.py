"""Policies of points: when they end, what a refund does, what a redemption may be; and how their bodies are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from loyalty.kernel.bodies import BodyReader
from loyalty.kernel.clock import add_months, end_of

MOST_MONTHS = 1200
USUAL_REMINDER, MOST_REMINDER = 30, 365  # days before points end
WHOLE_SHARE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points end: never, `months` after they were earned, or `months` after the last activity.

    Members are told `remind_days` before, and once more `remind_again_days` before; 0: not told. Points that got
    their end from an earlier version are told of too.
    """

    mode: Literal["none", "months", "rolling"] = "none"
    months: int = 0
    until: Literal["day", "month", "quarter", "year"] = "day"
    remind_days: int = USUAL_REMINDER
    remind_again_days: int = 0

    @property
    def rolls(self) -> bool:
        """Return whether activity extends the points that are already there."""
        return self.mode == "rolling"

    @property
    def leads(self) -> tuple[int, ...]:
        """Return how many days before their last one members are told of points, the longest first."""
        return tuple(days for days in (self.remind_days, self.remind_again_days) if days)

    def end_for(self, day: date, zone: str) -> datetime | None:
        """Return the moment from which points earned on `day` cannot be used, or None when they never end.

        The last valid day is the day `months` later, or the end of its month, quarter or year; the answer is the
        next midnight in `zone`.
        """
        if self.mode == "none":
            return None
        return end_of(_last_day_of(add_months(day, self.months), self.until), zone)


def _last_day_of(day: date, period: str) -> date:
    if period == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return date.fromordinal(add_months(first, months).toordinal() - 1)


@dataclass(frozen=True, slots=True)
class Refunds:
    """What becomes of points that a refund should take back but that were used already, and of lapsed ones."""

    shortfall: Literal["debt", "write_off"] = "debt"
    reinstate_days: int = 0  # how long points live again that lapsed before the dealer caused the refund


@dataclass(frozen=True, slots=True)
class Redemption:
    """How points may be redeemed; `worth_points` points pay `worth_minor` minor units, or have no stated worth."""

    multiple: int = 1
    minimum: int = 1
    most_share: int = WHOLE_SHARE  # basis points of the order's value
    worth_points: int = 0
    worth_minor: int = 0

    def most_points(self, order_minor: int | None) -> int | None:
        """Return how many points an order can take, a whole multiple rounded down, or None without a bound."""
        if order_minor is None or not self.worth_points:
            return None
        most = order_minor * self.most_share * self.worth_points // (WHOLE_SHARE * self.worth_minor)
        return max(0, most - most % self.multiple)

    def worth_of(self, points: int) -> int | None:
        """Return what the points pay in minor units, rounded down, or None when they have no stated worth."""
        return points * self.worth_minor // self.worth_points if self.worth_points else None


def parse_expiry(body: Mapping[str, Any]) -> Expiry:
    """Read the body of a policy of kind "expiry"; refuses what it does not know, naming the place."""
    reader = BodyReader(body)
    mode = reader.choice("mode", ("none", "months", "rolling"), "none")
    months = 0 if mode == "none" else reader.whole("months", least=1, most=MOST_MONTHS)
    until = reader.choice("until", ("day", "month", "quarter", "year"), "day") if mode == "months" else "day"
    remind = again = 0
    if mode != "none":
        remind = reader.whole("remind_days", USUAL_REMINDER, most=MOST_REMINDER)
        again = reader.whole("remind_again_days", 0, most=MOST_REMINDER)
        if again and again >= remind:
            reader.refuse("remind_again_days", "Remind again later than the first time: fewer days before the end.")
    reader.close()
    if mode == "none":
        return Expiry()
    return Expiry(mode, months, until, remind, again)  # type: ignore[arg-type]  # `choice` returned one of the literals


def parse_refunds(body: Mapping[str, Any]) -> Refunds:
    """Read the body of a policy of kind "refunds"; refuses what it does not know, naming the place."""
    reader = BodyReader(body)
    shortfall = reader.choice("shortfall", ("debt", "write_off"), "debt")
    days = reader.whole("reinstate_days", default=0, most=3660)
    reader.close()
    return Refunds(shortfall, days)  # type: ignore[arg-type]  # `choice` returned one of the literals


def parse_redemption(body: Mapping[str, Any]) -> Redemption:
    """Read the body of a policy of kind "redemption"; refuses what it does not know, naming the place."""
    reader = BodyReader(body)
    multiple = reader.whole("multiple", default=1, least=1)
    minimum = reader.whole("minimum", default=1, least=1)
    share = reader.whole("most_share", default=WHOLE_SHARE, least=1, most=WHOLE_SHARE)
    worth = reader.part("worth")
    points = worth.whole("points", least=1) if worth else 0
    minor = worth.whole("minor", least=1) if worth else 0
    if share != WHOLE_SHARE and worth is None:
        reader.refuse("worth", "A share of the order needs the worth of points.")
    reader.close()
    return Redemption(multiple, minimum, share, points, minor)
