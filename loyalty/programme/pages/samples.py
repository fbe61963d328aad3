"""The day for which pages show what rules would give."""

from collections.abc import Mapping
from datetime import date

from loyalty.kernel.clock import day_at, parse_day
from loyalty.kernel.errors import Malformed
from loyalty.web.requests import request_now

ZONE = "Asia/Shanghai"
EARLIEST, LATEST = date(2000, 1, 1), date(2098, 12, 31)


def sample_day(typed: Mapping[str, str]) -> date:
    """Return the day that was asked for, today for none and for what is no day."""
    today = day_at(request_now(), ZONE)
    try:
        asked = parse_day(typed["sample_day"]) if typed.get("sample_day") else today
    except Malformed:
        return today
    return min(max(asked, EARLIEST), LATEST)
