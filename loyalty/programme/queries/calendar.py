"""Which days are worked."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.db import db
from loyalty.programme.models import CalendarDay
from loyalty.programme.rules import WorkCalendar
from loyalty.staff.queries import AuditFilter, AuditView, audit_rows, days_closed


def work_calendar(since: date, until: date, *, store_id: int | None = None) -> WorkCalendar:
    """Return the work calendar between two days, both included: the dealer's, or a store's with its closing days."""
    if store_id is None:
        return WorkCalendar(_own(since, until))
    return work_calendars({store_id}, since, until)[store_id]


def work_calendars(store_ids: Collection[int], since: date, until: date) -> dict[int, WorkCalendar]:
    """Return the work calendars of stores between two days, both included."""
    own = _own(since, until)
    return {at: WorkCalendar(own, closed) for at, closed in days_closed(store_ids, since, until).items()}


def _own(since: date, until: date) -> dict[date, bool]:
    own = select(CalendarDay.day, CalendarDay.works).where(CalendarDay.day.between(since, until))
    return dict(db.session.execute(own).all())


def own_days(year: int) -> list[tuple[date, bool, str]]:
    """Return the dealer's own days of a year: the day, whether it is worked, and what it is called."""
    days = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    chosen = select(CalendarDay.day, CalendarDay.works, CalendarDay.name).where(days).order_by(CalendarDay.day)
    return list(db.session.execute(chosen))


def own_day_changes(*, limit: int = 10) -> list[AuditView]:
    """Return who set or removed own days last, the latest first."""
    return audit_rows(AuditFilter(subject_kind="calendar_day"), EVERYTHING, limit=limit)
