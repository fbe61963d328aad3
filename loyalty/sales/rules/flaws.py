"""What is wrong with a fact, where, and the way out; sentences are message ids with named places for figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from loyalty.kernel.errors import Sentence


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that keeps a fact from being taken; `place` is the path of its field, such as `lines[0].gross`."""

    place: str
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, place: str, told: str) -> Self:
        """Return what another feature's sentence tells as a flaw at `place`."""
        return cls(place, told.pattern, told.details) if isinstance(told, Sentence) else cls(place, told)


def by_field(flaws: Iterable[Flaw]) -> dict[str, list[str]]:
    """Return the sentences by field, as a malformed fact is told."""
    errors: dict[str, list[str]] = {}
    for flaw in flaws:
        errors.setdefault(flaw.place, []).append(Sentence(flaw.sentence, **flaw.numbers))
    return errors
