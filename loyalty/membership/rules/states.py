"""The states of a member, and who may be moved where."""

from collections.abc import Mapping
from types import MappingProxyType

from loyalty.membership.rules.refusals import NotActive, NotThatState

STATES = ("prospect", "active", "suspended", "closed")

MOVES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {
        "enrol": (frozenset({"prospect", "closed"}), "active"),
        "suspend": (frozenset({"active"}), "suspended"),
        "resume": (frozenset({"suspended"}), "active"),
        "close": (frozenset({"prospect", "active", "suspended"}), "closed"),
    },
)
"""What can be done to a member: from which states, to which."""


def check_move(move: str, state: str) -> str:
    """Return the state after `move`; refused where the member's state does not allow it."""
    before, after = MOVES[move]
    if state not in before:
        raise NotThatState(state=state)
    return after


def check_active(state: str) -> None:
    """Refuse a use of points by anybody but an active member."""
    if state != "active":
        raise NotActive(state=state)
