"""States of a task and which may follow which."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """What became of a task so far."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NO_CONTACT = "no_contact"
    RESCHEDULED = "rescheduled"
    SKIPPED = "skipped"
    VOID = "void"
    STOPPED = "stopped"


LIVE = (State.OPEN, State.IN_PROGRESS)
"""States in which a person has something to do."""
ENDED = tuple(state for state in State if state not in LIVE)
BY_A_PERSON = (State.DONE, State.NO_CONTACT, State.RESCHEDULED, State.SKIPPED)
"""States that an act of a person led to, and that can be undone."""

MOVES: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.OPEN, State.IN_PROGRESS, *ENDED}),
    State.IN_PROGRESS: frozenset({State.OPEN, State.IN_PROGRESS, *ENDED}),
    State.DONE: frozenset({State.OPEN}),
    State.NO_CONTACT: frozenset({State.OPEN}),
    State.RESCHEDULED: frozenset({State.OPEN}),
    State.SKIPPED: frozenset({State.OPEN}),
    State.VOID: frozenset(),
    State.STOPPED: frozenset(),
}
"""From which state to which; back to open only by undoing."""


def may_move(before: State, after: State) -> bool:
    """Return whether a task may go from one state to the other."""
    return after in MOVES[before]


def shown_state(state: str, due_from: date, today: date) -> str:
    """Return the state as people call it: an open task is planned until its first day, and ready from then on."""
    if state != State.OPEN:
        return state
    return "planned" if due_from > today else "ready"


REASON_TEXTS: Mapping[str, str] = {
    "undone": "It was undone.",
    "answered": "The reply was dealt with on its page.",
    "closed": "The owner closed the account.",
    "erased": "The person was erased.",
}
"""Why tasks are ended without a person, where tasks themselves know it; features above have reasons of their own."""
