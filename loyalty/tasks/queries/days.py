"""On which days a store works, and when its people may call."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.clock import day_at
from loyalty.programme.queries import work_calendars
from loyalty.staff.queries import stores, stores_by_ids
from loyalty.tasks.rules import StoreDays


def store_days(since: date, until: date) -> Mapping[int, StoreDays]:
    """Return for each store the days that it works between two days, both included: three statements.

    Its own holidays and the weekdays without opening hours are days of rest, whatever the dealer's calendar says.
    """
    ids = [one.id for one in stores(EVERYTHING)]
    return {at: StoreDays(calendar) for at, calendar in work_calendars(ids, since, until).items()}


def next_workday(store_id: int, after: date) -> date:
    """Return the first day after `after` on which the store works."""
    days = store_days(after, after + timedelta(days=60))
    return days[store_id].first_from(after + timedelta(days=1))


def day_in(store_id: int, now: datetime) -> date:
    """Return the day of now in the store."""
    return day_at(now, stores_by_ids({store_id})[store_id].zone)
