"""The columns of rule tables: fields as forms have them, with what a cell may hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.programme.rules import forms as f

LONGEST_CELL = 300
LARGEST_CELL = 10**12
_LONGEST_NUMBER = 12
_PER_CENT = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,2})?")


@dataclass(frozen=True, kw_only=True)
class Signed(f.Whole):
    """A whole number that can be below 0."""

    widget: ClassVar[str] = "text"

    def value_of(self, text: str, sheet: f.Sheet, name: str) -> Any:
        """Return the number, its sign written in any of the usual ways."""
        plain = text.replace("\u2212", "-").removeprefix("+")
        whole = super().value_of(plain.removeprefix("-"), sheet, name)
        return -whole if plain.startswith("-") and isinstance(whole, int) else whole


@dataclass(frozen=True, kw_only=True)
class Share(f.Leaf):
    """A share in basis points, typed in per cent, which can be below 0."""

    widget: ClassVar[str] = "text"

    def text_of(self, value: Any, _sheet: f.Sheet, _name: str) -> str:
        """Return the share in per cent."""
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}".removesuffix(".00")

    def value_of(self, text: str, _sheet: f.Sheet, _name: str) -> Any:
        """Return the share in basis points."""
        plain = text.replace("\u2212", "-").removeprefix("+").removesuffix("%").strip()
        return int(Decimal(plain) * 100) if _PER_CENT.fullmatch(plain) else text

    def phrase(self, value: Any, sheet: f.Sheet, name: str) -> f.Phrase:
        """Return the share in per cent."""
        return Sentence("{percent} %", percent=f.Raw(self.text_of(value, sheet, name).replace("-", "\u2212")))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, whether each row needs it, and between which numbers its cells are."""

    of: f.Leaf
    needed: bool = True
    least: int = 0
    most: int = LARGEST_CELL

    @property
    def key(self) -> str:
        """What rows and the heads of CSV files call it."""
        return self.of.key

    def wrong_with(self, value: Any) -> str | None:
        """Return what is wrong with a cell, or None."""
        if value is None:
            return "Fill this in." if self.needed else None
        if isinstance(self.of, f.Choice):
            return None if value in self.of.choices else "Choose one of the list."
        if isinstance(self.of, f.Number):
            return None if _is_decimal(value) else "Write a number of 0 or more, such as 1.5."
        if isinstance(self.of, f.Whole | f.Minor | Share):
            inside = isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
            return None if inside else Sentence("Write a number from {least} to {most}.", **self._bounds())
        fits = isinstance(value, str) and value.strip() and len(value) <= LONGEST_CELL
        return None if fits else Sentence("Write a text of at most {longest} characters.", longest=LONGEST_CELL)

    def _bounds(self) -> dict[str, f.Raw]:
        texts = [self.of.text_of(bound, {}, self.key) for bound in (self.least, self.most)]
        return {"least": f.Raw(texts[0]), "most": f.Raw(texts[1])}


def check_rows(columns: Sequence[Column], rows: object, *, at: str = "rows") -> list[dict[str, Any]]:
    """Return the rows of a table; malformed with each place, as `rows[2].factor`."""
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Malformed({at: ["Write at least one row."]})
    known = {column.key for column in columns}
    errors: dict[str, list[str]] = {}
    for index, row in enumerate(rows):
        errors |= {f"{at}[{index}].{name}": ["Unknown field."] for name in sorted(row.keys() - known)}
        for column in columns:
            if wrong := column.wrong_with(row.get(column.key)):
                errors[f"{at}[{index}].{column.key}"] = [wrong]
    if errors:
        raise Malformed(errors)
    return rows


def _is_decimal(value: object) -> bool:
    if not isinstance(value, str) or not value.isascii() or len(value) > _LONGEST_NUMBER:
        return False
    whole, _dot, part = value.partition(".")
    return whole.isdigit() and (part.isdigit() if _dot else True)
