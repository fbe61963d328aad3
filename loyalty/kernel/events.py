"""How features tell those above them what happened, inside the transaction of the fact and in batches."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect


class Reaction(Protocol):
    """What a feature does when one below it announces: it gets the whole batch and tells what it changed."""

    def __call__(self, events: Sequence[Any], /, *, now: datetime, by: Actor) -> list[Effect]:
        """React to `events`, all of one type, at the moment `now`."""
        ...


Foresight = Callable[[Collection[int]], None]
"""Asks ahead what a reaction will want to know of these customers: see `loyalty.kernel.db.ask_ahead`."""


class _Wires:
    """The reactions by type of event, in the order in which they run."""

    def __init__(self) -> None:
        self.by_type: dict[type, tuple[Callable[..., list[Effect]], ...]] = {}
        self.asking: dict[type, tuple[Foresight, ...]] = {}


_wires = _Wires()


def wire(
    reactions: Mapping[type, Sequence[Callable[..., list[Effect]]]],
    foresight: Mapping[type, Sequence[Foresight]] | None = None,
) -> None:
    """Set who reacts to what, and what is asked ahead; wiring.py calls it once, when the application is made."""
    _wires.by_type = {event: tuple(listeners) for event, listeners in reactions.items()}
    _wires.asking = {event: tuple(asking) for event, asking in (foresight or {}).items()}


def foretell(kind: type, customer_ids: Collection[int]) -> None:
    """Say that events of a type about these customers will follow, while the fact itself is still on its way.

    What the reactions will ask travels with the statement that writes the fact, and their locks are taken in the order
    that is wired, whatever the order of the reactions.
    """
    for asking in _wires.asking.get(kind, ()):
        asking(customer_ids)


def announce(events: Sequence[Any], *, now: datetime, by: Actor) -> list[Effect]:
    """Run the reactions wired for these events, all of one type; return all that they changed, in order."""
    if not events:
        return []
    kind = type(events[0])
    effects: list[Effect] = []
    for reaction in _wires.by_type.get(kind, ()):
        effects.extend(reaction(events, now=now, by=by))
    return effects
