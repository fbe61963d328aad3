"""Which days a store works: the work calendar, less the days on which the store is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from loyalty.programme.rules import DayKind, WorkCalendar

_SEARCHED = 366
REST_TEXTS: Mapping[str, str] = {
    "closed": "the store is closed",
    DayKind.HOLIDAY: "a public holiday",
    DayKind.STORE_REST: "the store is closed",
    DayKind.OWN_REST: "a day of rest of our own",
    "weekend": "a weekend",
}
"""Why a day is not worked, as it stands on tasks."""


@dataclass(frozen=True, slots=True)
class StoreDays:
    """The days of one store; `closed` has spans of its own holidays that its work calendar does not hold already."""

    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    closed: tuple[tuple[date, date, str], ...] = ()

    def works(self, day: date) -> bool:
        """Whether people of the store work on that day."""
        return self.calendar.works(day) and self.holiday(day) is None

    def holiday(self, day: date) -> str | None:
        """Return what the store calls the day on which it is closed ("" for none in particular), or None."""
        named = next((name for first, last, name in self.closed if first <= day <= last), None)
        return self.calendar.closed.get(day) if named is None else named

    def first_from(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the next that is."""
        return self._nearest(day, 1)

    def last_until(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the last before it that is."""
        return self._nearest(day, -1)

    def why_not(self, day: date) -> str:
        """Return in English why a day is not worked: one of a few texts that pages translate."""
        if self.holiday(day) is not None:
            return REST_TEXTS["closed"]
        return REST_TEXTS.get(self.calendar.kind(day), REST_TEXTS["weekend"])

    def _nearest(self, day: date, step: int) -> date:
        for away in range(_SEARCHED):
            found = day + timedelta(days=step * away)
            if self.works(found):
                return found
        raise ValueError(f"no workday within a year of {day}")
