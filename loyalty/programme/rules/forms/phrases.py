"""What forms and lines say: values that faces put into the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money


class Raw(str):
    """A text that stands as it is in every language."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """A code of something that is offered by name, as a level or a store; the name is looked up when it is shown."""

    source: str
    code: str

    def __str__(self) -> str:
        return self.code


class Joined(tuple["Phrase", ...]):
    """Several phrases one after the other, as a list is read aloud."""

    __slots__ = ()


class Series(tuple["Phrase", ...]):
    """Longer phrases one after the other, which have commas of their own."""

    __slots__ = ()


class Together(tuple["Phrase", ...]):
    """Sentences that follow each other."""

    __slots__ = ()


Named = Mapping[str, str]
"""A name by language: zh and en."""

Phrase = Sentence | Raw | Offered | Joined | Series | Together | Named | Money | date | int
