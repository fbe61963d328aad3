"""Which days are worked."""

from datetime import date

from sqlalchemy import select

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.db import db
from loyalty.programme.models import CalendarDay
from loyalty.programme.rules import WorkCalendar
from loyalty.staff.queries import AuditFilter, AuditView, audit_rows


def work_calendar(since: date, until: date) -> WorkCalendar:
    """Return the work calendar with the dealer's own days between two days, both included."""
    own = select(CalendarDay.day, CalendarDay.works).where(CalendarDay.day.between(since, until))
    return WorkCalendar(dict(db.session.execute(own).all()))


def own_days(year: int) -> list[tuple[date, bool, str]]:
    """Return the dealer's own days of a year: the day, whether it is worked, and what it is called."""
    days = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    chosen = select(CalendarDay.day, CalendarDay.works, CalendarDay.name).where(days).order_by(CalendarDay.day)
    return list(db.session.execute(chosen))


def own_day_changes(*, limit: int = 10) -> list[AuditView]:
    """Return who set or removed own days last, the latest first."""
    return audit_rows(AuditFilter(subject_kind="calendar_day"), EVERYTHING, limit=limit)
