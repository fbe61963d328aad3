"""The life of a version: who may move it where, and from when it is in force."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from loyalty.kernel.errors import NotFound, Refused

STATES = ("draft", "in_review", "active", "retired")
VERSION_APPROVAL = "programme_version"
TABLE_APPROVAL = "rule_table"
"""What versions and tables of facts in review are called in the list of approvals."""

NO_NOTE = "--"  # stands where a note must be and none was written
MOVES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "submit": ("draft", "in_review"),
        "send_back": ("in_review", "draft"),
        "approve": ("in_review", "active"),
        "retire": ("active", "retired"),
    },
)
"""What can be done to a version: from which state, to which."""


class VersionNotFound(NotFound):
    """There is no such version."""

    code = "programme.version_not_found"
    sentence = "There is no version {version} of the rules."


class NotThatState(Refused):
    """The version has moved on, or has not come that far."""

    code = "programme.not_that_state"
    sentence = "The version has moved on since this was looked at. Reload the page to see where it stands."


class AuthorApproves(Refused):
    """Rules need two people."""

    code = "programme.author_approves"
    sentence = "Whoever wrote a version does not approve it. Ask another person with the permission to approve."


class NotTheAuthor(Refused):
    """A draft is its author's: who changed it and approved it would be one person."""

    code = "programme.not_the_author"
    sentence = "This draft was written by somebody else. Write a version of your own."


class NobodyAnswers(Refused):
    """Only a person writes and approves rules; a token needs somebody who answers for it."""

    code = "programme.nobody_answers"
    sentence = "This token has no person who answers for it. Use one that has, or the pages."


class MomentPassed(Refused):
    """A version never changes rules of the past."""

    code = "programme.moment_passed"
    sentence = "This version was to begin at {effective_from}, which has passed. Send it back for a later one."


class NamesGone(Refused):
    """What a version names is there no more, or is not as the version needs it."""

    code = "programme.names_gone"
    sentence = "What these rules name has changed since: {places}. Send the version back, and look at it again."


class MomentTaken(Refused):
    """Two versions of a kind cannot begin at one moment."""

    code = "programme.moment_taken"
    sentence = "Version {number} begins at the same moment. Send this one back for another moment."


class InForce(Refused):
    """What has begun is part of the books."""

    code = "programme.in_force"
    sentence = "This version has begun, so it stays in force until another takes over. Write a new version."


class AlreadyLoaded(Refused):
    """A file gives only the first rules; later ones need two people."""

    code = "programme.already_loaded"
    sentence = "This installation has rules already. Write a new version and have another person approve it."


def check_move(move: str, state: str) -> str:
    """Return the state after `move`; refused unless the version is in the state before it."""
    before, after = MOVES[move]
    if state != before:
        raise NotThatState(state=state, needed=before)
    return after


def check_two_people(author_id: int | None, approver_id: int) -> None:
    """Refuse unless the author is somebody else than the approver."""
    if author_id is None or author_id == approver_id:
        raise AuthorApproves


def check_not_begun(effective_from: datetime | None, now: datetime) -> None:
    """Refuse unless the version begins later than now."""
    if effective_from is None or effective_from <= now:
        raise InForce


def start_of(asked: datetime | None, now: datetime) -> datetime:
    """Return from when a version approved at `now` is in force: when asked for, or at once; never in the past."""
    if asked is not None and asked < now:
        raise MomentPassed(effective_from=asked.isoformat())
    return asked or now
