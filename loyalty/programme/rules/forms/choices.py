"""Fields of forms of rules in which people choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules.forms.fields import ABSENT, MORE, SAID, Leaf, Sheet, is_whole
from loyalty.programme.rules.forms.phrases import Joined, Offered, Phrase, Raw


@dataclass(frozen=True, kw_only=True)
class Choice(Leaf):
    """One of `choices`, value to words, or of what `source` offers.

    With `numbered`, say "at least {number}", whole `numbers` stand beside them.
    """

    widget: ClassVar[str] = "choice"
    mistake: ClassVar[str | None] = "Choose one of the list."
    choices: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    numbered: str = ""
    numbers: Sequence[int] = ()

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write the choice; without one and without a default the first, which a list shows anyway."""
        super().put(value, sheet, name)
        if value is ABSENT and self.default is ABSENT:
            sheet[name] = next(iter(self.choices), "")

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the choice; an empty one can be the default."""
        return ABSENT if sheet.get(name, "") == "" and self.default != "" else self._chosen(sheet, name)

    def _chosen(self, sheet: Sheet, name: str) -> Any:
        text = sheet.get(name, "")
        value = int(text) if self.numbered and is_whole(text) else text
        return ABSENT if value == self.default and not sheet.get(name + SAID) else value

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the choice in words."""
        if self.numbered and isinstance(value, int):
            return Sentence(self.numbered, number=value)
        if self.source and isinstance(value, str):
            return Offered(self.source, value)
        return Sentence(self.choices[value]) if value in self.choices else Raw(value)


@dataclass(frozen=True, kw_only=True)
class Ticks(Leaf):
    """A set of texts: of `choices` in words, of what `source` offers, and where `others` names a field, of others."""

    widget: ClassVar[str] = "ticks"
    choices: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    others: str = ""
    none: str = "all"

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Tick what the body has."""
        sheet[name] = list(dict.fromkeys(value)) if isinstance(value, list) else []

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return what is ticked and what was written beside it; ABSENT for nothing."""
        ticked = sheet.get(name) or []
        lines = [line.strip() for line in str(sheet.get(name + MORE, "")).splitlines() if line.strip()]
        found = list(dict.fromkeys([*([ticked] if isinstance(ticked, str) else ticked), *lines]))
        return found or ABSENT

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return them in words, one after the other."""
        return Joined(self.one(code) for code in value)

    def one(self, code: str) -> Phrase:
        """Return one of them in words."""
        if code in self.choices:
            return Sentence(self.choices[code])
        return Offered(self.source, code) if self.source else Raw(code)


@dataclass(frozen=True, kw_only=True)
class Pairs(Leaf):
    """A decimal for each of what `source` offers, as {"gold": "1.2"}; those left empty are not in the body."""

    widget: ClassVar[str] = "pairs"
    mistake: ClassVar[str | None] = "Write at least one number, such as 1.5."
    source: str

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write each number under its code."""
        for code, number in value.items() if isinstance(value, dict) else ():
            sheet[f"{name}.{code}"] = str(number)
            if isinstance(number, int):
                sheet[f"{name}.{code}{SAID}"] = "whole"

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the numbers by code."""
        return {code: self._one(sheet, f"{name}.{code}") for code in self.codes(sheet, name)}

    def codes(self, sheet: Sheet, name: str) -> list[str]:
        """Return the codes that have a number."""
        start = f"{name}."
        named = [one.removeprefix(start) for one, text in sheet.items() if one.startswith(start) and text]
        return [code for code in named if not code.endswith(SAID)]

    def _one(self, sheet: Sheet, name: str) -> Any:
        text = sheet[name]
        return int(text) if sheet.get(name + SAID) == "whole" and is_whole(text) else text
