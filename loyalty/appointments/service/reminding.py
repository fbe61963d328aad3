"""The message of the day before."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.appointments.queries import AppointmentView
from loyalty.appointments.rules import REMINDER, REMINDER_BODY, REMINDER_TITLE, reminder_at
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import zone_of
from loyalty.kernel.errors import Problem
from loyalty.messaging.rules import NewMessage
from loyalty.messaging.service import TemplateDraft, cancel, ensure_templates, plan

ABOUT = "appointment"


def ensure_texts(*, now: datetime) -> int:
    """Write the text of the reminder unless it is there; return how many were written. It stays as people wrote it."""
    return ensure_templates([TemplateDraft(REMINDER, REMINDER_TITLE, "service", REMINDER_BODY)], now=now)


def remind(one: AppointmentView, *, now: datetime, by: Actor) -> bool:
    """Plan the reminder of an appointment, in the caller's transaction; return whether there will be one.

    None when the day before has passed already, and when people have retired the template or given it words that
    appointments cannot fill: the appointment stands all the same.
    """
    due_at = reminder_at(one.starts_at, one.zone)
    if due_at <= now:
        return False
    local = one.starts_at.astimezone(zone_of(one.zone))
    wanted = NewMessage(
        dedupe_key=f"appointment:{one.id}:reminder:{one.turn}",
        customer_id=one.customer_id,
        template=REMINDER,
        due_at=due_at,
        variables={
            "name": one.customer.shown_name,
            "store": one.store,
            "day": f"{local:%Y-%m-%d}",
            "time": f"{local:%H:%M}",
        },
        store_id=one.store_id,
        not_after=one.starts_at,
        about_kind=ABOUT,
        about_id=one.id,
    )
    try:
        plan([wanted], now=now, by=by)
    except Problem:
        return False
    return True


def forget_reminders(appointment_ids: Sequence[int], reason: str, *, now: datetime) -> None:
    """Take back what was to remind of these appointments."""
    cancel(ABOUT, appointment_ids, reason=f"appointment {reason}", now=now)
