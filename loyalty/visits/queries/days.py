"""On which days stores work, as plans reckon with them: the work calendar of each store."""

from collections.abc import Collection
from datetime import date

from loyalty.programme.queries import work_calendars
from loyalty.tasks.rules import StoreDays


def days_of_stores(store_ids: Collection[int], since: date, until: date) -> dict[int, StoreDays]:
    """Return for each of these stores the days that it works between two days, both included."""
    return {at: StoreDays(calendar) for at, calendar in work_calendars(set(store_ids), since, until).items()}
