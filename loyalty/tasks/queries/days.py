"""On which days a store works, and when its people may call."""

from collections.abc import Mapping
from datetime import date, timedelta

from loyalty.kernel.actor import EVERYTHING
from loyalty.programme.queries import work_calendar
from loyalty.staff.queries import store_cards
from loyalty.tasks.rules import StoreDays


def store_days(since: date, until: date) -> Mapping[int, StoreDays]:
    """Return for each store the days that it works between two days, both included: two statements."""
    calendar = work_calendar(since, until)
    return {card.id: StoreDays(calendar, _spans(card.holidays)) for card in store_cards(EVERYTHING)}


def next_workday(store_id: int, after: date) -> date:
    """Return the first day after `after` on which the store works."""
    days = store_days(after, after + timedelta(days=60))
    return days[store_id].first_from(after + timedelta(days=1))


def _spans(holidays: object) -> tuple[tuple[date, date, str], ...]:
    rows = holidays if isinstance(holidays, list) else []
    return tuple((date.fromisoformat(first), date.fromisoformat(last), name) for first, last, name in rows)
