"""Time zones, currencies and opening hours of stores."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import exponent

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


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
