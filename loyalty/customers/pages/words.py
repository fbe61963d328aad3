"""Effects and numbers in the words of pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from loyalty.customers.pages.blueprint import WORDS, word
from loyalty.kernel.effects import Effect
from loyalty.kernel.money import Money
from loyalty.web.formats import number
from loyalty.web.languages import say


def shown_numbers(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a sentence as people read them: amounts, thousands, words for codes."""
    return {name: _shown(value) for name, value in numbers.items()}


def effect_texts(effects: Iterable[Effect]) -> list[str]:
    """Return what a call changed or would change, in the language of the page."""
    return [say(one.sentence, shown_numbers(one.numbers)) for one in effects]


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"minor", "currency"}:
        return Money(int(value["minor"]), str(value["currency"]))
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    return word(value) if isinstance(value, str) and value in WORDS else value
