"""What a call changed, in words and numbers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Effect(NamedTuple):
    """One thing that happened: `sentence` is an English text with the `numbers` as placeholders.

    Faces translate the sentence and then fill it in; programs read `kind` and `numbers`.
    """

    kind: str
    sentence: str
    numbers: Mapping[str, Any] = MappingProxyType({})
    customer_id: int | None = None

    def __str__(self) -> str:
        """Return the English sentence with its numbers."""
        return self.sentence.format(**self.numbers)
