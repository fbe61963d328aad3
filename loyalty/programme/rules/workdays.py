"""Which days are worked: holidays and make-up workdays of mainland China, and the dealer's own days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import holidays

_SATURDAY = 5
_SEARCHED = timedelta(days=366)  # no dealer rests longer


class DayKind(StrEnum):
    """Why a day is worked or not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    OWN_WORKDAY = "own_workday"
    OWN_REST = "own_rest"
    STORE_REST = "store_rest"

    @property
    def works(self) -> bool:
        """Whether the day is worked."""
        return self in {DayKind.WORKDAY, DayKind.MAKE_UP, DayKind.OWN_WORKDAY}


@dataclass(frozen=True, slots=True)
class _Year:
    rests: frozenset[date]
    make_ups: frozenset[date]


@cache
def _year(year: int) -> _Year:
    """Return the published list of a year, which is empty while there is none.

    Every list published since 2001 moves some weekend. For other years the library estimates the holidays, and an
    estimate moves none.
    """
    listed = holidays.country_holidays("CN", years=year)
    make_ups = frozenset(day for day in getattr(listed, "weekend_workdays", ()) if day.year == year)
    return _Year(frozenset(listed) if make_ups else frozenset(), make_ups)


def is_published(year: int) -> bool:
    """Whether the holidays of the year are known; otherwise its weekends are all that rests."""
    return bool(_year(year).make_ups)


def published_until(year: int) -> int:
    """Return the last year, at least `year` - 1, through which every year from `year` on is published."""
    while is_published(year):
        year += 1
    return year - 1


def special_days(year: int) -> list[tuple[date, DayKind]]:
    """Return the days on which the published list of a year differs from plain weekends, in order."""
    listed = _year(year)
    rests = [(day, DayKind.HOLIDAY) for day in listed.rests]
    return sorted([*rests, *((day, DayKind.MAKE_UP) for day in listed.make_ups)])


@cache
def _names(year: int, language: str) -> dict[date, str]:
    return {day: str(name) for day, name in holidays.country_holidays("CN", years=year, language=language).items()}


def holiday_name(day: date, language: str = "zh_CN") -> str | None:
    """Return what the published list calls a holiday, zh_CN or en_US; None for other days and years without a list."""
    return _names(day.year, language).get(day) if day in _year(day.year).rests else None


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days worked; `own` has the dealer's own days, True for a workday.

    `closed` has the days on which a store is closed and what each is called; it does not work then, whoever else does.
    """

    own: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    closed: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))

    def kind(self, day: date) -> DayKind:
        """Return why the day is worked or not."""
        if day in self.closed:
            return DayKind.STORE_REST
        if day in self.own:
            return DayKind.OWN_WORKDAY if self.own[day] else DayKind.OWN_REST
        year = _year(day.year)
        if day in year.make_ups:
            return DayKind.MAKE_UP
        if day in year.rests:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKDAY

    def works(self, day: date) -> bool:
        """Whether the day is worked."""
        return self.kind(day).works

    def workday_from(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the next that is."""
        return self._nearest(day, timedelta(days=1))

    def workday_until(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the last before it that is."""
        return self._nearest(day, timedelta(days=-1))

    def add_workdays(self, day: date, count: int) -> date:
        """Return the `count`-th workday after `day`, which is itself not counted."""
        for _ in range(count):
            day = self.workday_from(day + timedelta(days=1))
        return day

    def _nearest(self, day: date, step: timedelta) -> date:
        found = day
        while not self.works(found):
            found += step
            if abs(found - day) > _SEARCHED:
                raise ValueError(f"no workday within a year of {day}")
        return found
