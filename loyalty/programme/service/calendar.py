"""The dealer's own days of the work calendar."""

from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.programme.models import CalendarDay
from loyalty.staff.service import AuditEntry, record_audit


def set_own_day(day: date, *, works: bool, name: str, now: datetime, by: Actor) -> None:
    """Let the dealer work, or rest, on a day whatever the published list says."""
    values = {"day": day, "works": works, "name": name}
    with transaction() as session:
        written = insert(CalendarDay).values(values)
        session.execute(written.on_conflict_do_update(index_elements=[CalendarDay.day], set_=values))
        record_audit([AuditEntry("calendar.day_set", "calendar_day", None, by, now, after=values)])


def unset_own_day(day: date, *, now: datetime, by: Actor) -> None:
    """Let the published list say again whether a day is worked."""
    with transaction() as session:
        gone = session.execute(delete(CalendarDay).where(CalendarDay.day == day).returning(CalendarDay.name)).all()
        if gone:
            record_audit([AuditEntry("calendar.day_unset", "calendar_day", None, by, now, before={"day": day})])
