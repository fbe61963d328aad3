"""Who may decide a request, and when."""

from datetime import datetime

from loyalty.kernel.errors import NotFound, Refused

STATES = ("waiting", "approved", "returned", "withdrawn")
WAITING, APPROVED, RETURNED, WITHDRAWN = STATES

LONGEST_NOTE = 500


class ApprovalNotFound(NotFound):
    """There is no such request, or not in the stores of whoever asks."""

    code = "approvals.not_found"
    sentence = "There is no request {number} here."


class AlreadyWaiting(Refused):
    """A request of the kind waits for the subject."""

    code = "approvals.already_waiting"
    sentence = (
        "Request {number} about the same waits for a second person already. "
        "It can be decided or withdrawn on the page of approvals."
    )


class OwnRequest(Refused):
    """Who asked does not decide."""

    code = "approvals.own_request"
    sentence = "Who asked does not decide. Ask another person with the permission; until then it can be withdrawn."


class NotTheAsker(Refused):
    """Only who asked takes the request back."""

    code = "approvals.not_the_asker"
    sentence = "Only who asked can withdraw a request. Return it with a note instead."


class NotWaiting(Refused):
    """The request has been decided or withdrawn."""

    code = "approvals.not_waiting"
    sentence = "This request was decided or withdrawn at {decided_at}. Reload the page to see how."


class NoteMissing(Refused):
    """A request goes back with a word of why."""

    code = "approvals.note_missing"
    sentence = "Say why the request is returned; whoever asked reads it."


class EffectChanged(Refused):
    """The effect is no longer the one that was looked at."""

    code = "approvals.effect_changed"
    sentence = "The effect has changed since this was looked at. Look at the figures of now and decide again."


class NobodyDecides(Refused):
    """Only a person asks and decides; a token needs somebody who answers for it."""

    code = "approvals.nobody_answers"
    sentence = "This token has no person who answers for it. Use one that has, or the pages."


def check_waiting(state: str, decided_at: datetime | None) -> None:
    """Refuse a request that is decided or withdrawn."""
    if state != WAITING:
        raise NotWaiting(decided_at=decided_at)


def check_two_people(asked_by: int, decides: int) -> None:
    """Refuse a decision by who asked."""
    if asked_by == decides:
        raise OwnRequest


def check_asker(asked_by: int, person: int) -> None:
    """Refuse to withdraw what somebody else asked for."""
    if asked_by != person:
        raise NotTheAsker


def check_note(note: str) -> str:
    """Return the note without blanks around it; refused when nothing is left."""
    if not note.strip():
        raise NoteMissing
    return note.strip()
