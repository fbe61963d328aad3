"""The vocabulary of forms of rules: what a feature says of its bodies so that people can write them without JSON.

A form is typed into a *sheet*: texts by name, where a name is the place in the body, as `levels.1.qualify.combine`.
Each field puts its value of a body into a sheet and gets it out again, unchanged. A field that a body leaves out counts
as its default; whether a body states the default or leaves it out is kept in the sheet beside it, so that a body comes
out as it went in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, ClassVar, Final

from loyalty.kernel.errors import Sentence
from loyalty.programme.rules.forms.phrases import Phrase, Raw

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

# How one of something is said where the unit says how many are said.
ONE_TEXTS: Mapping[str, str] = {
    "{number} days": "1 day",
    "{number} months": "1 month",
    "{number} points": "1 point",
}

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
        return int(plain) if is_whole(plain) and str(int(plain)) == plain else text

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the number with its unit."""
        if value == 1 and self.unit in ONE_TEXTS:
            return Sentence(ONE_TEXTS[self.unit])
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
        return int(text) if sheet.get(name + SAID) == "whole" and is_whole(text) else text


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


def is_whole(text: str) -> bool:
    """Return whether a text is a whole number in plain digits, short enough to be read."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
