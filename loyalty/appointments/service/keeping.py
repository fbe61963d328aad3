"""Appointments made, moved, cancelled, and what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from loyalty.appointments import queries
from loyalty.appointments.events import (
    AppointmentCancelled,
    AppointmentKept,
    AppointmentMade,
    AppointmentMissed,
    AppointmentMoved,
)
from loyalty.appointments.models import Appointment
from loyalty.appointments.queries import AppointmentView
from loyalty.appointments.rules import (
    AHEAD,
    LENGTH,
    MOST_AHEAD,
    REASONS,
    SOONEST,
    AppointmentOver,
    Draft,
    SlotFull,
    SlotNotOffered,
    State,
    TooManyAhead,
    check_draft,
    check_missed,
    check_move,
    in_time,
)
from loyalty.appointments.service.places import give_back, take_place
from loyalty.appointments.service.reminding import forget_reminders, remind
from loyalty.customers.queries import vehicles_of
from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import EVERYTHING, Actor, Scope
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import KeyReused, Malformed
from loyalty.kernel.events import announce
from loyalty.staff.service import AuditEntry, record_audit

OWNER = "owner"
_ONE_OF_A_CUSTOMER = text("SELECT id FROM customers WHERE id = :id FOR NO KEY UPDATE")
_WRITE = text("""
    UPDATE appointments SET state = :state, reason = :reason, starts_at = :starts_at, ends_at = :ends_at, turn = :turn,
        ended_at = CAST(:ended_at AS timestamptz), seq = seq + 1
    WHERE customer_id = :customer_id AND id = :id
""")
_SENTENCES = {
    "made": "Appointment at {store} on {when}",
    "moved": "Appointment moved to {when}, from {before}",
    State.CONFIRMED: "Appointment on {when} confirmed",
    State.ARRIVED: "Car taken in for the appointment on {when}",
    State.KEPT: "Appointment on {when} kept",
    State.MISSED: "Nobody came to the appointment on {when}",
    State.CANCELLED: "Appointment on {when} cancelled",
}


def make(draft: Draft, *, now: datetime, by: Actor) -> AppointmentView:
    """Make an appointment; the same key of the customer returns the first one, and with another content is refused.

    An owner asks, staff and programs confirm at once. Refused: a time that the store does not offer, or whose places
    are all taken, and more than 3 ahead for owners. Malformed: a vehicle that the customer does not hold.
    """
    check_draft(draft)
    with transaction() as session:
        session.execute(_ONE_OF_A_CUSTOMER, {"id": draft.customer_id})  # so that a key, and the 3, are counted in turn
        if (known := queries.by_key(draft.customer_id, draft.key)) is not None:
            return _known(known, draft)
        if by.kind == OWNER and queries.ahead_of(draft.customer_id) >= MOST_AHEAD:
            raise TooManyAhead(most=MOST_AHEAD)
        _check_vehicle(draft)
        _check_offered(draft.store_id, draft.starts_at, now, by)
        values: dict[str, Any] = {
            "customer_id": draft.customer_id,
            "key": draft.key,
            "store_id": draft.store_id,
            "vehicle_id": draft.vehicle_id,
            "starts_at": draft.starts_at,
            "ends_at": draft.starts_at + LENGTH,
            "topic": draft.topic,
            "note": draft.note,
            "state": State.ASKED if by.kind == OWNER else State.CONFIRMED,
            "made_at": now,
            "made_by": by.kind,
        }
        appointment_id: int = session.scalars(insert(Appointment).values(**values).returning(Appointment.id)).one()
        take_place(draft.store_id, draft.starts_at, appointment_id)
        made = queries.appointment(appointment_id, EVERYTHING)
        remind(made, now=now, by=by)
        _tell(made, "made", {"store": made.store}, before={}, now=now, by=by)
        facts = (made.id, made.customer_id, made.store_id, made.vehicle_id, made.starts_at)
        announce([AppointmentMade(*facts)], now=now, by=by)
        return made


def move(appointment_id: int, starts_at: datetime, *, scope: Scope, now: datetime, by: Actor) -> AppointmentView:
    """Move an appointment to another slot of its store; an owner's move asks the store again. Refused as `make` is."""
    with transaction():
        was = queries.lock(appointment_id, scope)
        if was.state not in AHEAD or (by.kind == OWNER and was.starts_at <= now):
            raise AppointmentOver
        if was.starts_at == starts_at:
            return was
        _check_offered(was.store_id, starts_at, now, by)
        give_back(was.id)
        take_place(was.store_id, starts_at, was.id)
        forget_reminders([was.id], "moved", now=now)
        state = State.ASKED if by.kind == OWNER else State(was.state)
        moved = {"starts_at": starts_at, "ends_at": starts_at + LENGTH, "turn": was.turn + 1}
        after = _write(was, state, None, now=now, **moved)
        remind(after, now=now, by=by)
        _tell(after, "moved", {"before": was.starts_at.isoformat()}, before=_facts(was), now=now, by=by)
        told = AppointmentMoved(was.id, was.customer_id, was.store_id, was.starts_at, starts_at)
        announce([told], now=now, by=by)
        return after


def cancel(appointment_id: int, *, scope: Scope, now: datetime, by: Actor) -> AppointmentView:
    """Cancel an appointment that is still ahead; its place is free again and its reminder is not sent."""
    with transaction():
        was = queries.lock(appointment_id, scope)
        if by.kind == OWNER and was.starts_at <= now:
            raise AppointmentOver
        check_move(was.state, State.CANCELLED)
        return cancel_locked([was], "owner" if by.kind == OWNER else "store", now=now, by=by)[0]


def advance(
    appointment_id: int, to: State, *, seen: int | None = None, scope: Scope, now: datetime, by: Actor
) -> AppointmentView:
    """Confirm, take in, or mark an appointment as kept or missed; refused where the states do not allow it.

    `seen` is the number of changes that the page knew of. Nobody has missed what has not begun yet.
    """
    with transaction():
        was = queries.lock(appointment_id, scope)
        check_move(was.state, to)
        if seen is not None and seen != was.seq:
            raise AppointmentOver
        if to == State.MISSED:
            check_missed(was.starts_at, now)
        if to in {State.ARRIVED, State.MISSED}:
            forget_reminders([was.id], "over", now=now)
        after = _write(was, to, None, now=now)
        _tell(after, to, {}, before=_facts(was), now=now, by=by)
        facts = (was.id, was.customer_id, was.store_id, was.vehicle_id, was.starts_at)
        if to == State.KEPT:
            announce([AppointmentKept(*facts)], now=now, by=by)
        elif to == State.MISSED:
            announce([AppointmentMissed(*facts)], now=now, by=by)
        return after


def cancel_locked(found: Sequence[AppointmentView], reason: str, *, now: datetime, by: Actor) -> list[AppointmentView]:
    """Cancel these locked appointments with one reason."""
    forget_reminders([one.id for one in found], reason, now=now)
    ended = []
    for was in found:
        give_back(was.id)
        after = _write(was, State.CANCELLED, REASONS[reason], now=now)
        _tell(after, State.CANCELLED, {}, before=_facts(was), now=now, by=by)
        ended.append(after)
    told = [AppointmentCancelled(one.id, one.customer_id, one.store_id, one.starts_at) for one in ended]
    announce(told, now=now, by=by)
    return ended


def _known(appointment_id: int, draft: Draft) -> AppointmentView:
    known = queries.appointment(appointment_id, EVERYTHING)
    asked_at = draft.starts_at if known.turn else known.starts_at  # one that was moved stands at another time
    first = (known.store_id, known.topic, known.vehicle_id, known.note, asked_at)
    if first != (draft.store_id, draft.topic, draft.vehicle_id, draft.note, draft.starts_at):
        raise KeyReused(key=draft.key)
    return known


def _check_vehicle(draft: Draft) -> None:
    if draft.vehicle_id is None:
        return
    if draft.vehicle_id not in {held.vehicle.id for held in vehicles_of(draft.customer_id)}:
        raise Malformed({"vehicle": ["Choose one of the customer's vehicles."]})


def _check_offered(store_id: int, starts_at: datetime, now: datetime, by: Actor) -> None:
    soonest = SOONEST if by.kind == OWNER else timedelta()
    if not in_time(starts_at, now, soonest):
        raise SlotNotOffered
    day = day_at(starts_at, queries.zone_of_store(store_id))
    slot = next((one for one in queries.offered(store_id, day, day)[day] if one.starts_at == starts_at), None)
    if slot is None:
        raise SlotNotOffered
    if not slot.left:
        raise SlotFull


def _write(was: AppointmentView, state: State, reason: str | None, *, now: datetime, **moved: Any) -> AppointmentView:
    about = {"customer_id": was.customer_id, "id": was.id, "state": state, "reason": reason}
    held = {"starts_at": was.starts_at, "ends_at": was.ends_at, "turn": was.turn}
    ended = None if state in {*AHEAD, State.ARRIVED} else now
    db.session.execute(_WRITE, about | held | moved | {"ended_at": ended})
    return queries.appointment(was.id, EVERYTHING)


def _facts(one: AppointmentView) -> dict[str, Any]:
    return {"state": one.state, "starts_at": one.starts_at}


def _tell(
    one: AppointmentView, act: str, more: dict[str, Any], *, before: dict[str, Any], now: datetime, by: Actor
) -> None:
    """Write an act to the audit trail and to the timeline."""
    action = f"appointment.{act}"
    about = (one.customer_id, one.store_id)
    record_audit([AuditEntry(action, "appointment", one.id, by, now, *about, before=before, after=_facts(one))])
    said = {"when": one.starts_at.isoformat(), **more}
    who = by.name if by.kind == "staff" else ""
    line = TimelineEntry(one.customer_id, now, "visit", _SENTENCES[act], said, who, "appointment", one.id)
    write_timeline([line])
