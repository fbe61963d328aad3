"""Two customers who are one: what may be merged, until when it is taken back, and what stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from loyalty.customers.rules.people import OPEN_STATES
from loyalty.kernel.errors import Malformed, NotFound, Refused

UNDO_FOR = timedelta(days=30)

CHOOSABLE = ("name", "gender", "birthday", "language", "home_store_id", "advisor_id")
"""The fields of which a merge keeps either customer's; a birthday takes its calendar along."""

SIDES = ("kept", "gone")


class MergeWithSelf(Refused):
    """Both sides are the same customer."""

    code = "customers.merge_with_self"
    sentence = "These are the same customer. Choose another one."


class MergeOfClosed(Refused):
    """Only customers whose data are in use can be merged."""

    code = "customers.merge_of_closed"
    sentence = "Customer {number} is {state} and cannot be merged."


class MergeOfKinds(Refused):
    """A person and a company are two."""

    code = "customers.merge_of_kinds"
    sentence = "A person and a company cannot be merged. A driver of a company is entered at its vehicle."


class WaitingRequest(Refused):
    """A request for approval names the customer it was asked for."""

    code = "customers.waiting_request"
    sentence = "Request {request} about {number} waits for approval. Have it decided or withdrawn first."


class MergeNotFound(NotFound):
    """There is no such merge, or it lies outside the asker's stores."""

    code = "customers.merge_not_found"
    sentence = "There is no such merge."


class UndoTooLate(Refused):
    """A merge can be taken back for 30 days."""

    code = "customers.undo_too_late"
    sentence = "This merge could be undone for 30 days, until {day}. Now it stays."


class PartedBefore(Refused):
    """The merge was taken back already."""

    code = "customers.parted_before"
    sentence = "This merge was undone already."


class MergedOnward(Refused):
    """The customer that was kept is itself merged into another one since."""

    code = "customers.merged_onward"
    sentence = "Customer {kept} was merged into {onward} since. Undo that merge first."


def check_merge(kept: tuple[str, str, str], gone: tuple[str, str, str]) -> None:
    """Refuse to merge customers that are not in use or of two kinds; each is (number, kind, state)."""
    for number, _, state in (kept, gone):
        if state not in OPEN_STATES:
            raise MergeOfClosed(number=number, state=state)
    if kept[1] != gone[1]:
        raise MergeOfKinds


def check_choice(choice: Mapping[str, str]) -> None:
    """Refuse, as malformed, a choice of a field that is not there or of a third side."""
    for field, side in choice.items():
        if field not in CHOOSABLE or side not in SIDES:
            raise Malformed({field: ["Choose kept or gone."]})


def check_undo(until: datetime, *, now: datetime, day: str) -> None:
    """Refuse to take back a merge once its 30 days are over; `day` is the last one as it is told."""
    if now >= until:
        raise UndoTooLate(day=day)
