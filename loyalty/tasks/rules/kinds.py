"""Kinds of tasks: what a feature says about its own, so that one queue can show and record them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.kernel.errors import Malformed
from loyalty.tasks.rules.outcomes import CHORE, INVITATION, CallOutcome

CALLERS = ("care_agent", "service_advisor")
"""The roles whose people take a task of a kind that names no others, the first that anybody holds in the store."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of tasks; all texts are English.

    `view` is the tab of the day's page, `script` what to say: it may name {customer}, {store}, {agent} and what the
    task's own values hold. After `most_tries` without an answer the task is given up. `purpose` is what the contact is
    for, as consents call it.
    """

    title: str
    code: str
    view: str
    script: str
    outcomes: Sequence[CallOutcome] = CHORE
    roles: tuple[str, ...] = CALLERS
    most_tries: int = 3
    purpose: str = "service"

    def outcome(self, code: str) -> CallOutcome:
        """Return one of the results; malformed when the kind has no such."""
        for one in self.outcomes:
            if one.code == code:
                return one
        raise Malformed({"outcome": ["Choose one of the results."]})


VIEW_TITLES: Mapping[str, str] = {
    "follow-up": "After deliveries and repairs",
    "invitation": "Service invitations",
    "other": "Other tasks",
}
"""The tabs under which kinds are gathered, in their order."""

BY_HAND = TaskKind(
    "Follow-up by hand",
    "by_hand",
    "other",
    script="Hello, this is {agent} of {store}. I am calling about what we agreed: {note}",
)
"""What a person arranges for a customer."""

MISSED = TaskKind(
    "Call after a missed appointment",
    "missed_appointment",
    "invitation",
    script="Hello {customer}, this is {agent} of {store}. We missed you at your appointment. Shall we find a new day?",
    outcomes=INVITATION,
)
"""The call to an owner who did not come."""

_kinds: dict[str, TaskKind] = {}


def register(kind: TaskKind) -> None:
    """Let tasks of this kind be opened."""
    _kinds[kind.code] = kind


def kinds() -> Mapping[str, TaskKind]:
    """Return the kinds by their codes, in the order in which wiring lists them."""
    return _kinds


def kind_of(code: str) -> TaskKind:
    """Return the kind of this code; a code that no feature registered is a fault of the program."""
    return _kinds[code]
