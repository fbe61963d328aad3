"""States of an appointment, which may follow which, and what is refused."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from loyalty.kernel.errors import NotFound, Refused


class State(StrEnum):
    """What became of an appointment so far."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"


AHEAD = (State.ASKED, State.CONFIRMED)
"""States in which the car is still to come: it can be moved and cancelled."""
OPEN = (*AHEAD, State.ARRIVED)

STEPS = (State.CONFIRMED, State.ARRIVED, State.KEPT, State.MISSED)
"""The states that staff lead an appointment to, one after the other."""

MOVES: Mapping[State, frozenset[State]] = {
    State.ASKED: frozenset({State.CONFIRMED, State.ARRIVED, State.MISSED, State.CANCELLED}),
    State.CONFIRMED: frozenset({State.ARRIVED, State.MISSED, State.CANCELLED}),
    State.ARRIVED: frozenset({State.KEPT}),
    State.KEPT: frozenset(),
    State.MISSED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""From which state to which; moving to another slot leaves the state, or asks the store again when the owner does."""

TOPICS = ("maintenance", "repair", "tyres", "inspection", "bodywork", "other")
"""What an appointment is about."""

REASONS: Mapping[str, str] = {
    "owner": "The owner cancelled it.",
    "store": "The store cancelled it.",
    "sold": "The vehicle has another owner now.",
    "gone": "The owner closed the account.",
}


class AppointmentNotFound(NotFound):
    """There is no such appointment, or not in the stores (or of the owner) of whoever asks."""

    code = "appointments.not_found"
    sentence = "There is no appointment {appointment} here."


class SlotFull(Refused):
    """All places of the slot are taken."""

    code = "appointments.full"
    sentence = "This time is taken. Choose another one."


class SlotNotOffered(Refused):
    """The store does not take cars in at that moment: closed, past, too soon, too far ahead."""

    code = "appointments.not_offered"
    sentence = "The store takes no appointments at this time. Choose one of the times shown."


class TooManyAhead(Refused):
    """The owner has as many appointments ahead as one may have."""

    code = "appointments.too_many"
    sentence = "There are {most} appointments ahead already. Move or cancel one of them, or call the store."


class AppointmentOver(Refused):
    """The appointment is not in a state for this act."""

    code = "appointments.over"
    sentence = "This appointment is not open for this any more. Look at it again; make a new one where needed."


class NotYet(Refused):
    """Nobody can have missed an appointment before it begins."""

    code = "appointments.not_yet"
    sentence = "This appointment begins only at {at}. It can be marked as missed from then on."


def check_move(before: str, after: State) -> None:
    """Refuse a step that the states do not know."""
    if after not in MOVES[State(before)]:
        raise AppointmentOver


def check_missed(starts_at: datetime, now: datetime) -> None:
    """Refuse to call an appointment missed before it has begun."""
    if now < starts_at:
        raise NotYet(at=starts_at)
