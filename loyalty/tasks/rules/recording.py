"""What the result of a try makes of a task."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty.kernel.errors import Malformed
from loyalty.tasks.rules.outcomes import CALL_BACK, NO_ANSWER, CallOutcome
from loyalty.tasks.rules.states import State

TAKEN_FOR = timedelta(minutes=30)
UNDO_FOR = timedelta(minutes=10)
LONGEST_NOTE = 2000
LONGEST_REASON = 200
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a person tells of a try; `next_day` when to follow up again, `next_at` the agreed moment of that day.

    `answers` holds what a survey or a checklist of the kind asked.
    """

    outcome: str
    note: str = ""
    next_day: date | None = None
    next_at: datetime | None = None
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of the task: its state, how many tries were without an answer, and its next day.

    With `follows` a task of its own begins on `next_day`; without, the task itself goes on then.
    """

    state: State
    tries: int
    next_day: date | None = None
    follows: bool = False


def result_of(outcome: CallOutcome, attempt: Attempt, *, tries: int, most: int, today: date, retry: date) -> Result:
    """Return what the try makes of a task; `retry` is the next day on which calls are made.

    Without an answer the task goes on until `most` tries, on the chosen day or on `retry`, and is then given up.
    Malformed: a call back without a day, a next day that is past or too far.
    """
    check_next_day(attempt.next_day, today)
    if outcome.means == NO_ANSWER:
        if tries + 1 >= most:
            return Result(State.NO_CONTACT, tries + 1)
        return Result(State.OPEN, tries + 1, attempt.next_day or retry)
    if outcome.means == CALL_BACK:
        if attempt.next_day is None:
            raise Malformed({"next": ["Choose the day on which to call back."]})
        return Result(State.RESCHEDULED, tries, attempt.next_day, follows=True)
    return Result(State.DONE, tries, attempt.next_day, follows=attempt.next_day is not None)


def check_next_day(day: date | None, today: date) -> None:
    """Refuse, as malformed, a next day before today or more than three years ahead."""
    if day is not None and day < today:
        raise Malformed({"next_day": ["Choose today or a later day."]})
    if day is not None and day - today > FARTHEST:
        raise Malformed({"next_day": ["Choose a day within three years."]})


def check_note(note: str) -> str:
    """Return the note without blanks around it; malformed above 2,000 characters."""
    told = note.strip()
    if len(told) > LONGEST_NOTE:
        raise Malformed({"note": ["Keep this to 2,000 characters."]})
    return told


def check_reason(reason: str) -> str:
    """Return the reason; malformed when empty or above 200 characters."""
    told = reason.strip()
    if not told or len(told) > LONGEST_REASON:
        raise Malformed({"reason": ["Give a reason of 1 to 200 characters."]})
    return told
