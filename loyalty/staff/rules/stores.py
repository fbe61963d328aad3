"""Time zones, currencies, opening hours and holidays of stores."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import exponent

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOLIDAY = re.compile(rf"({_DAY})(?:\s+(?:[-–~到至]\s*)?({_DAY}))?(?:\s+(.{{1,60}}))?", re.ASCII)
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


@dataclass(frozen=True, slots=True)
class StoreDetails:
    """What may change of a store but its name; hours and holidays as people write them."""

    phone: str | None = None
    email: str | None = None
    address: str | None = None
    contact: str | None = None
    opening_hours: Mapping[str, Any] = field(default_factory=dict)
    holidays: str = ""

    def read(self) -> dict[str, Any]:
        """Return the details as they are stored; malformed hours and holidays are refused."""
        return {
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
            "contact": self.contact,
            "opening_hours": parse_opening_hours(self.opening_hours),
            "holidays": parse_holidays(self.holidays),
        }


def check_zone(zone: str) -> str:
    """Return `zone`; malformed unless it is a name of the time zone database, as Asia/Shanghai."""
    if zone not in available_timezones():
        raise Malformed({"zone": ["There is no such time zone. Write it as Asia/Shanghai."]})
    return zone


def check_currency(currency: str) -> str:
    """Return `currency`; malformed unless it is a known code of three letters, as CNY."""
    try:
        exponent(currency)
    except Malformed:
        raise Malformed({"currency": ["There is no such currency. Write it as CNY."]}) from None
    return currency


def parse_opening_hours(hours: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """Return opening hours as {"mon": [["08:30", "12:00"], ["13:00", "18:00"]]}; days left out are closed.

    Each day is written as "08:30-12:00 13:00-18:00"; spans must not touch or run backward.
    """
    answer: dict[str, list[list[str]]] = {}
    for day, written in hours.items():
        if day not in WEEKDAYS:
            raise Malformed({f"opening_hours.{day}": ["Name the weekdays mon, tue, wed, thu, fri, sat, sun."]})
        spans = [_HOURS.fullmatch(part) for part in str(written).split()]
        flat = [edge for span in spans if span for edge in span.groups()]
        if None in spans or any(later <= earlier for earlier, later in pairwise(flat)):
            raise Malformed({f"opening_hours.{day}": ["Write hours as 08:30-12:00 13:00-18:00."]})
        if flat:
            answer[day] = [list(span.groups()) for span in spans if span]
    return answer


def parse_holidays(written: str) -> list[list[str]]:
    """Return the days on which a store is closed as [first day, last day, name], in order.

    Each line is one of them: "2026-02-16 2026-02-22 Spring Festival", or with one day alone; they must not overlap.
    """
    spans = sorted(_holiday(line.strip()) for line in written.splitlines() if line.strip())
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        raise Malformed({"holidays": ["Two of the holidays overlap."]})
    return spans


def _holiday(line: str) -> list[str]:
    found = _HOLIDAY.fullmatch(line)
    try:
        first, last = (date.fromisoformat(day) for day in (found[1], found[2] or found[1])) if found else (None, None)
    except ValueError:
        first = last = None
    if found is None or first is None or last is None or last < first:
        raise Malformed({"holidays": ["Write each holiday on its own line as 2026-02-16 2026-02-22 Spring Festival."]})
    return [first.isoformat(), last.isoformat(), (found[3] or "").strip()]


def closed_days(
    holidays: Sequence[Sequence[str]], hours: Mapping[str, Any], since: date, until: date
) -> dict[date, str]:
    """Return the days from `since` through `until` on which a store is closed, with what each is called.

    These are its own holidays, and, once it has opening hours, the weekdays without any; those are called nothing.
    """
    days = [since + timedelta(days=index) for index in range((until - since).days + 1)]
    shut = {day: "" for day in days if hours and WEEKDAYS[day.weekday()] not in hours}
    spans = [(date.fromisoformat(first), date.fromisoformat(last), name) for first, last, name in holidays]
    return shut | {day: name for first, last, name in spans for day in days if first <= day <= last}
