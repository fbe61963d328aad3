"""How features tell those above them what happened, inside the transaction of the fact and in batches."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect


class Reaction(Protocol):
    """What a feature does when one below it announces: it gets the whole batch and tells what it changed."""

    def __call__(self, events: Sequence[Any], /, *, now: datetime, by: Actor) -> list[Effect]:
        """React to `events`, all of one type, at the moment `now`."""
        ...


class _Wires:
    """The reactions by type of event, in the order in which they run."""

    def __init__(self) -> None:
        self.by_type: dict[type, tuple[Callable[..., list[Effect]], ...]] = {}


_wires = _Wires()


def wire(reactions: Mapping[type, Sequence[Callable[..., list[Effect]]]]) -> None:
    """Set who reacts to what; wiring.py calls it once, when the application is made."""
    _wires.by_type = {event: tuple(listeners) for event, listeners in reactions.items()}


def announce(events: Sequence[Any], *, now: datetime, by: Actor) -> list[Effect]:
    """Run the reactions wired for these events, all of one type; return all that they changed, in order."""
    if not events:
        return []
    kind = type(events[0])
    effects: list[Effect] = []
    for reaction in _wires.by_type.get(kind, ()):
        effects.extend(reaction(events, now=now, by=by))
    return effects
