"""States of plans and of their steps."""

from collections.abc import Mapping
from enum import StrEnum

from loyalty.kernel.errors import NotFound, Refused


class PlanState(StrEnum):
    """What became of a plan."""

    ACTIVE = "active"
    VOID = "void"
    STOPPED = "stopped"


class StepState(StrEnum):
    """What became of a step."""

    PLANNED = "planned"
    OPENED = "opened"
    DONE = "done"
    MISSED = "missed"
    VOID = "void"
    STOPPED = "stopped"


PLAN_MOVES: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.ACTIVE: frozenset({PlanState.VOID, PlanState.STOPPED}),
    PlanState.STOPPED: frozenset({PlanState.ACTIVE, PlanState.VOID}),
    PlanState.VOID: frozenset(),
}
"""From which state to which; a stopped plan goes on when what stopped it is taken back."""

REASON_TEXTS: Mapping[str, str] = {
    "corrected": "The delivery or the sale was corrected.",
    "refunded": "The sale was given back.",
    "sold": "The vehicle has another owner.",
    "asked": "The owner does not want to be called.",
    "by_hand": "Stopped by a member of staff.",
    "gone": "The account of the owner was closed.",
    "newer": "A newer service counts.",
    "inspection": "The inspection is on another day.",
    "reopened": "The complaint was reopened.",
}
"""Why a plan ended, as tasks and pages say it."""


class PlanNotFound(NotFound):
    """There is no such plan, or not in the stores of whoever asks."""

    code = "visits.not_found"
    sentence = "There is no follow-up plan {plan} here."


class PlanEnded(Refused):
    """The plan has ended."""

    code = "visits.ended"
    sentence = "This plan has ended already. Nothing was changed."
