"""Moments in UTC, days in a store's zone, and calendar months."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from loyalty.kernel.errors import Malformed, Sentence

YEARS = range(1900, 3000)
"""The years in which days and moments that come from outside may lie; at the ends of the calendar no zone reckons."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def utc_now() -> datetime:
    """Return the present moment in UTC. The one place that reads the clock; below the edge, time is an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of that IANA name; Malformed when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Malformed(
            {"zone": [Sentence("{name!r} is not a time zone. Use a name such as Asia/Shanghai.", name=name)]}
        ) from None


def day_at(moment: datetime, zone: str) -> date:
    """Return the day on which `moment` falls in `zone`."""
    return moment.astimezone(zone_of(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """Return the moment (UTC) at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, zone_of(zone)).astimezone(UTC)


def end_of(day: date, zone: str) -> datetime:
    """Return the moment (UTC, exclusive) at which `day` is over in `zone`: the next local midnight."""
    return midnight(day + timedelta(days=1), zone)


def add_months(day: date, months: int, *, keep_day: int | None = None) -> date:
    """Return `day` moved by calendar months; a day that the month lacks becomes its last.

    `keep_day` is the day of month that a series started from, so that 31 January, 28 February, 31 March holds.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(keep_day or day.day, last))


def month_start(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)


def parse_day(text: str, *, place: str = "date") -> date:
    """Return the day written as 2026-03-12; Malformed (at `place`) for anything else, 29 February 2026 included."""
    if _DAY.fullmatch(text.strip()):
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise Malformed({place: [Sentence("{text!r} is not a day of the calendar.", text=text)]}) from None
        _check_year(day, text, place)
        return day
    raise Malformed({place: [Sentence("{text!r} is not a day. Write it as 2026-03-12.", text=text)]})


def parse_moment(text: str, *, place: str = "moment") -> datetime:
    """Return the moment in UTC written in ISO 8601 with an offset or Z; Malformed (at `place`) for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Malformed(
            {place: [Sentence("{text!r} is not a moment. Write it as 2026-03-12T14:08:00+08:00.", text=text)]}
        ) from None
    if moment.tzinfo is None:
        raise Malformed(
            {place: [Sentence("{text!r} has no offset. Write it as 2026-03-12T14:08:00+08:00.", text=text)]}
        )
    _check_year(moment, text, place)
    return moment.astimezone(UTC)


def _check_year(day: date, text: str, place: str) -> None:
    if day.year not in YEARS:
        sentence = Sentence("{text!r} lies too far away: years are from 1900 to 2999.", text=text)
        raise Malformed({place: [sentence]})
