"""Through which day a level is valid; it is reviewed by the figures at the end of that day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from loyalty.kernel.clock import add_months


@dataclass(frozen=True, slots=True)
class Review:
    """Rolling: on the day `months` after the level was gained or kept. Calendar: with the end of `month`, every year.

    So a rolling window as long as `months` begins, at the review, behind the day that gained the level: what gained it
    does not keep it too. A calendar review passes over a level that was gained less than `months` before.
    """

    kind: Literal["rolling", "calendar"]
    months: int = 12
    month: int = 12

    def valid_to(self, since: date) -> date:
        """Return the last valid day of a level gained on `since`."""
        if self.kind == "rolling":
            return add_months(since, self.months)
        return month_end(self.month, not_before=add_months(since, self.months))

    def next_valid_to(self, valid_to: date, since: date) -> date:
        """Return the last valid day after a level, held since `since`, was kept at the review of `valid_to`."""
        if self.kind == "rolling":
            return add_months(valid_to, self.months, keep_day=since.day)
        return month_end(self.month, not_before=valid_to + timedelta(days=1))


def month_end(month: int, *, not_before: date) -> date:
    """Return the first last day of `month` that is not before a day."""
    for year in (not_before.year, not_before.year + 1):
        last = add_months(date(year, month, 1), 1) - timedelta(days=1)
        if last >= not_before:
            return last
    raise AssertionError("each year has every month")
