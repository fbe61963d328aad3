"""Which times a store offers on a day: its opening hours, cut into hours, unless it is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from loyalty.kernel.clock import zone_of
from loyalty.programme.rules import DayKind, WorkCalendar

LENGTH = timedelta(hours=1)
SOONEST = timedelta(hours=2)
FARTHEST = timedelta(days=60)
MOST_AHEAD = 3
PLACES = 3
MOST_PLACES = 50
USUAL_HOURS = (("09:00", "12:00"), ("13:00", "17:00"))
"""The hours of a store that has not told its own, on days that the house works."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RESTS = frozenset({DayKind.STORE_REST, DayKind.HOLIDAY, DayKind.OWN_REST})


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that a store offers; `left` is how many more cars fit in."""

    starts_at: datetime
    ends_at: datetime
    left: int = PLACES


def spans_of(day: date, hours: Mapping[str, Sequence[Sequence[str]]], calendar: WorkCalendar) -> list[tuple[str, str]]:
    """Return from when to when the store takes cars in on a day, as 09:00; nothing on holidays and closing days.

    A store that has told its hours works on the weekdays that they name, weekends too; another one when the house does.
    """
    if calendar.kind(day) in _RESTS:
        return []
    if not hours:
        return list(USUAL_HOURS) if calendar.works(day) else []
    return [(first, last) for first, last in hours.get(_WEEKDAYS[day.weekday()], ())]


def slots_on(
    day: date, hours: Mapping[str, Sequence[Sequence[str]]], calendar: WorkCalendar, zone: str
) -> list[tuple[datetime, datetime]]:
    """Return beginning and end (UTC) of each slot of the day, in order; an hour that does not fit in whole is none."""
    found = []
    for first, last in spans_of(day, hours, calendar):
        begins, closes = (_moment(day, text, zone) for text in (first, last))
        while begins + LENGTH <= closes:
            found.append((begins, begins + LENGTH))
            begins += LENGTH
    return found


def in_time(starts_at: datetime, now: datetime, soonest: timedelta = SOONEST) -> bool:
    """Whether a slot may still be taken: not too soon, not past, and not more than 60 days ahead."""
    return now + soonest <= starts_at <= now + FARTHEST


def reminder_at(starts_at: datetime, zone: str) -> datetime:
    """Return when to remind of an appointment: at 10:00 of the day before, in the store's zone."""
    before = starts_at.astimezone(zone_of(zone)).date() - timedelta(days=1)
    return _moment(before, "10:00", zone)


def _moment(day: date, text: str, zone: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), zone_of(zone)).astimezone(UTC)
