"""What a link tells, one thing at a time, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from json import dumps
from typing import Any, Literal

from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Malformed, Problem, Sentence
from loyalty.sales.rules import DeliveryFact, Flaw, RefundFact, SaleFact
from loyalty.sales.rules.facts import When

ItemKind = Literal["sale", "refund", "cancellation", "delivery", "reading"]
ITEM_KINDS: tuple[ItemKind, ...] = ("sale", "refund", "cancellation", "delivery", "reading")
"""In the order in which an event's items are worked on."""

State = Literal["created", "same", "corrected", "rejected", "passed_over"]
LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A sale that the core system has struck out; all of it that is left goes back."""

    number: str
    occurred: When | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadingFact:
    """The mileage of a vehicle as a work order tells it; with a `reason` it may run against earlier readings."""

    vin: str
    km: int
    read: When
    store: str
    order: str
    reason: str = ""


Fact = SaleFact | RefundFact | Cancellation | DeliveryFact | ReadingFact


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a link tells: its `fact`, or the `problem` why it cannot be read.

    `place` is where it stands (`sales[0]`, `row 12`), `content` what is kept of it when it is rejected, and
    `changed_at` when the core system changed it last: what is older than what is known is passed over.
    """

    kind: ItemKind
    place: str
    number: str
    content: Mapping[str, Any]
    fact: Fact | None = None
    problem: Malformed | None = None
    flaws: tuple[Mapping[str, Any], ...] = ()
    changed_at: datetime | None = None
    teller: Callable[[Flaw], Mapping[str, Any]] | None = field(default=None, compare=False)

    def tell(self, told: Flaw) -> Mapping[str, Any]:
        """Return a flaw of the fact as a reason: by its column where rows of a view told the fact."""
        return plain_flaw(told) if self.teller is None else self.teller(told)

    @property
    def key(self) -> str:
        """Return the number, or where there is none a hash of the content: the same row again has the same key."""
        if self.number:
            return self.number[:LONGEST_KEY]
        plain = dumps(self.content, sort_keys=True, default=str).encode()
        return "#" + blake2b(plain, digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one item; `flaws` explain a rejected one: field, value, sentence and numbers of each."""

    item: Item
    state: State
    effects: tuple[Effect, ...] = ()
    flaws: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


def rejected(item: Item, *flaws: Mapping[str, Any]) -> Taken:
    """Return the outcome of an item that was not taken."""
    return Taken(item, "rejected", flaws=flaws)


def flaw(place: str, sentence: str, numbers: Mapping[str, Any] | None = None, value: str = "") -> dict[str, Any]:
    """Return one reason: the field, its value, and the sentence with its figures in JSON's types."""
    told = {name: each if isinstance(each, int | str) else str(each) for name, each in (numbers or {}).items()}
    return {"field": place, "value": value, "sentence": sentence, "numbers": told}


def flaw_of(problem: Problem, place: str = "number") -> dict[str, Any]:
    """Return a refusal as a reason at `place`."""
    return flaw(place, problem.sentence, problem.details)


def flaws_of(problem: Problem) -> tuple[dict[str, Any], ...]:
    """Return the reasons of a problem, by field where it names fields."""
    if not isinstance(problem, Malformed):
        return (flaw_of(problem),)
    return tuple(_told(place, line) for place, lines in problem.errors.items() for line in lines)


def plain_flaw(told: Flaw) -> dict[str, Any]:
    """Return the flaw of a sale as a reason at the field that it names."""
    return flaw(told.place, told.sentence, told.numbers)


def _told(place: str, line: str) -> dict[str, Any]:
    return flaw(place, line.pattern, line.details) if isinstance(line, Sentence) else flaw(place, line)
