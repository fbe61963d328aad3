"""The vocabulary of forms of rules: what a feature says of its bodies so that people can write them without JSON.

A form is typed into a *sheet*: texts by name, where a name is the place in the body, as `levels.1.qualify.combine`.
Each field puts its value of a body into a sheet and gets it out again, unchanged. A field that a body leaves out counts
as its default; whether a body states the default or leaves it out is kept in the sheet beside it, so that a body comes
out as it went in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, ClassVar, Final

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.kernel.money import EXPONENTS, Money, parse_amount
from loyalty.programme.rules.forms.phrases import Joined, Offered, Phrase, Raw

Sheet = dict[str, Any]
"""What is typed: a text by name, or a list of texts for ticks."""

SAID = ":said"  # beside a field: its default is stated, or its number is not written as a text
ROWS = ":rows"  # how many rows a list has
MORE = ":more"  # what was written beside the ticks
MOST_ROWS = 40
MOST_DIGITS = 16
USUAL_CURRENCY = "CNY"


class Absent(Enum):
    """The body does not have the field."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

When = tuple[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Field:
    """A part of a form. `when` names a choice beside it and the values with which the field is there at all."""

    key: str
    label: str
    hint: str = ""
    when: When | None = None


@dataclass(frozen=True, kw_only=True)
class Leaf(Field):
    """A field with a value. `default` is what a body that leaves it out means."""

    widget: ClassVar[str] = "text"
    mistake: ClassVar[str | None] = None  # what is said instead of words about JSON
    default: Any = ABSENT

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write a value of a body, or its absence, into the sheet."""
        if value is ABSENT:
            sheet[name] = "" if self.default is ABSENT else self.text_of(self.default, sheet, name)
            return
        sheet[name] = self.text_of(value, sheet, name)
        if value == self.default:
            sheet[name + SAID] = "1"

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the value for the body, ABSENT to leave it out; what cannot be read stays a text."""
        text = sheet.get(name, "")
        if text == "":
            return ABSENT
        value = self.value_of(text, sheet, name)
        return ABSENT if value == self.default and not sheet.get(name + SAID) else value

    def text_of(self, value: Any, _sheet: Sheet, _name: str) -> str:
        """Return how a value is typed."""
        return str(value)

    def value_of(self, text: str, _sheet: Sheet, _name: str) -> Any:
        """Return the value that was typed, or the text when it cannot be read."""
        return text

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the value in words."""
        return Raw(value)


@dataclass(frozen=True, kw_only=True)
class Text(Leaf):
    """A text on one line."""


@dataclass(frozen=True, kw_only=True)
class Whole(Leaf):
    """A whole number; `unit` is what it counts, as "{number} days"."""

    widget: ClassVar[str] = "whole"
    unit: str = ""

    def value_of(self, text: str, _sheet: Sheet, _name: str) -> Any:
        """Return the number, without the commas that people write."""
        plain = text.replace(",", "")
        return int(plain) if _digits(plain) and str(int(plain)) == plain else text

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the number with its unit."""
        return Sentence(self.unit, number=value) if self.unit else int(value)


@dataclass(frozen=True, kw_only=True)
class Number(Leaf):
    """A decimal, which a body has as a text or as a whole number."""

    widget: ClassVar[str] = "decimal"
    mistake: ClassVar[str | None] = "Write a number of 0 or more, such as 1.5."

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write the number, and whether it stood as a whole number."""
        super().put(value, sheet, name)
        if isinstance(value, int):
            sheet[name + SAID] = "whole"

    def value_of(self, text: str, sheet: Sheet, name: str) -> Any:
        """Return the number as it stood: a text, or a whole number."""
        return int(text) if sheet.get(name + SAID) == "whole" and _digits(text) else text


@dataclass(frozen=True, kw_only=True)
class Percent(Leaf):
    """A share in basis points, typed in per cent."""

    widget: ClassVar[str] = "percent"
    mistake: ClassVar[str | None] = "Write a share in per cent from 0.01 to 100, with at most two decimals."

    def text_of(self, value: Any, _sheet: Sheet, _name: str) -> str:
        """Return the share in per cent."""
        return f"{value // 100}.{value % 100:02d}".removesuffix(".00") if isinstance(value, int) else str(value)

    def value_of(self, text: str, _sheet: Sheet, _name: str) -> Any:
        """Return the share in basis points."""
        return _minor(text, USUAL_CURRENCY)

    def phrase(self, value: Any, sheet: Sheet, name: str) -> Phrase:
        """Return the share in per cent."""
        return Sentence("{percent} %", percent=Raw(self.text_of(value, sheet, name)))


@dataclass(frozen=True, kw_only=True)
class Minor(Leaf):
    """An amount in minor units of a currency that stands elsewhere: the nearest field of one of `currency_at`."""

    widget: ClassVar[str] = "money"
    mistake: ClassVar[str | None] = "Write an amount above 0, such as 1234.50."
    currency_at: tuple[str, ...] = ("currency",)

    def currency(self, sheet: Sheet, name: str) -> str:
        """Return the currency that the amount is in."""
        parent = name
        while parent:
            parent = parent.rpartition(".")[0]
            for key in self.currency_at:
                found = sheet.get(f"{parent}.{key}" if parent else key)
                if found in EXPONENTS:
                    return str(found)
        return USUAL_CURRENCY

    def text_of(self, value: Any, sheet: Sheet, name: str) -> str:
        """Return the amount in major units."""
        return _plain(value, self.currency(sheet, name))

    def value_of(self, text: str, sheet: Sheet, name: str) -> Any:
        """Return the amount in minor units."""
        return _minor(text, self.currency(sheet, name))

    def phrase(self, value: Any, sheet: Sheet, name: str) -> Phrase:
        """Return the amount with its currency."""
        return Money(value, self.currency(sheet, name))


@dataclass(frozen=True, kw_only=True)
class Amount(Leaf):
    """An amount with its currency, as {"minor": 100, "currency": "CNY"}."""

    widget: ClassVar[str] = "amount"
    mistake: ClassVar[str | None] = "Write an amount above 0, such as 1234.50."

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write the amount and its currency."""
        given = value if isinstance(value, dict) else {}
        currency = given.get("currency", USUAL_CURRENCY)
        sheet[f"{name}.currency"] = currency
        sheet[name] = _plain(given["minor"], currency) if "minor" in given else ""

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the amount as bodies have it; without the figure when none was typed."""
        currency = sheet.get(f"{name}.currency", USUAL_CURRENCY)
        text = sheet.get(name, "")
        return {"currency": currency} | ({"minor": _minor(text, currency)} if text else {})

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the amount with its currency."""
        return Money(value["minor"], value["currency"])


@dataclass(frozen=True, kw_only=True)
class Choice(Leaf):
    """One of `choices`, value to words. With `numbered`, say "at least {number}", whole `numbers` stand beside them."""

    widget: ClassVar[str] = "choice"
    mistake: ClassVar[str | None] = "Choose one of the list."
    choices: Mapping[str, str]
    numbered: str = ""
    numbers: Sequence[int] = ()

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write the choice; without one and without a default the first, which a list shows anyway."""
        super().put(value, sheet, name)
        if value is ABSENT and self.default is ABSENT:
            sheet[name] = next(iter(self.choices))

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the choice; an empty one can be the default."""
        return ABSENT if sheet.get(name, "") == "" and self.default != "" else self._chosen(sheet, name)

    def _chosen(self, sheet: Sheet, name: str) -> Any:
        text = sheet.get(name, "")
        value = int(text) if self.numbered and _digits(text) else text
        return ABSENT if value == self.default and not sheet.get(name + SAID) else value

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the choice in words."""
        if self.numbered and isinstance(value, int):
            return Sentence(self.numbered, number=value)
        return Sentence(self.choices[value]) if value in self.choices else Raw(value)


@dataclass(frozen=True, kw_only=True)
class Flag(Leaf):
    """Yes or no."""

    widget: ClassVar[str] = "flag"
    default: bool = False

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return whether the box is ticked: a box that is not ticked sends nothing."""
        value = sheet.get(name, "") == "1"
        return ABSENT if value == self.default and not sheet.get(name + SAID) else value

    def text_of(self, value: Any, _sheet: Sheet, _name: str) -> str:
        """Return what a ticked box sends."""
        return "1" if value is True else ""

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return yes or no."""
        return Sentence("yes") if value else Sentence("no")


@dataclass(frozen=True, kw_only=True)
class Day(Leaf):
    """A day of the calendar."""

    widget: ClassVar[str] = "day"

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the day."""
        return date.fromisoformat(value)


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
        return int(text) if sheet.get(name + SAID) == "whole" and _digits(text) else text


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """Fields that stand in an object of their own.

    The object is left out when nothing in it is filled in, or when its field `needs` is not; unless it is `required`.
    """

    fields: tuple[Field, ...]
    required: bool = False
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """A list of objects, each with the same fields.

    A row is called by the first of `named` that is filled in: a name in both languages, a code, or a choice. Rows of
    two versions are the same row when their field `known_by` says the same. `add` is what the button says that gives
    one more, `one` what a row without a name is called, as "Rule {number}".
    """

    fields: tuple[Field, ...]
    named: tuple[str, ...]
    known_by: str
    one: str
    add: str
    least: int = 0
    most: int = MOST_ROWS


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _minor(text: str, currency: str) -> Any:
    try:
        return parse_amount(text, currency).minor
    except Malformed:
        return text


def _plain(minor: Any, currency: str) -> str:
    known = isinstance(minor, int) and not isinstance(minor, bool) and currency in EXPONENTS
    return Money(minor, currency).plain() if known else str(minor)
