"""What is wrong with a fact, where, and the way out; sentences are message ids with named places for figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that keeps a fact from being taken; `place` is the path of its field, such as `lines[0].gross`."""

    place: str
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(**self.numbers)


def by_field(flaws: Iterable[Flaw]) -> dict[str, list[str]]:
    """Return the sentences in English by field, as the error body of the API has them."""
    errors: dict[str, list[str]] = {}
    for flaw in flaws:
        errors.setdefault(flaw.place, []).append(str(flaw))
    return errors
