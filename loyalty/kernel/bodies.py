"""Reads the body of a rule version field by field, and collects everything that is wrong under its path."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from loyalty.kernel.errors import Malformed, Sentence

Errors = dict[str, list[str]]

LARGEST = 2**53
_LONGEST_DECIMAL = 20


class BodyReader:
    """One JSON object of a body; fields that nobody asked for are refused by `close`.

    Every reader of a part shares the errors of the whole, so that a body is refused once with all its places. A value
    that is wrong is answered by a harmless one: nothing read counts before `close` has returned.
    """

    def __init__(self, body: object, path: str = "", errors: Errors | None = None) -> None:
        self.path = path
        self.errors: Errors = {} if errors is None else errors
        self._body: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        self._asked: set[str] = set()
        self._parts: list[BodyReader] = []
        if not isinstance(body, Mapping):
            self.errors.setdefault(path or "body", []).append("Write a JSON object.")

    def __contains__(self, field: str) -> bool:
        return field in self._body

    def place(self, field: str) -> str:
        """Return the path of a field, as `levels[0].rank`."""
        return f"{self.path}.{field}" if self.path else field

    def refuse(self, field: str, sentence: str) -> None:
        """Add what is wrong with a field."""
        self.errors.setdefault(self.place(field), []).append(sentence)

    def take(self, field: str, default: object = None) -> Any:
        """Return a field as it stands, or `default`."""
        self._asked.add(field)
        return self._body.get(field, default)

    def text(self, field: str, default: str | None = None, *, longest: int = 200) -> str:
        """Return a text that is not empty; without a default the field must be there."""
        value = self.take(field, default)
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            self.refuse(field, Sentence("Write a text of at most {longest} characters.", longest=longest))
            return ""
        return value

    def flag(self, field: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.take(field, default)
        if not isinstance(value, bool):
            self.refuse(field, "Write true or false.")
            return default
        return value

    def choice(self, field: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return one of the choices; without a default the field must be there."""
        value = self.take(field, default)
        if not isinstance(value, str) or value not in choices:
            self.refuse(field, Sentence("Choose one of {choices}.", choices=", ".join(choices)))
            return choices[0]
        return value

    def whole(self, field: str, default: int | None = None, *, least: int = 0, most: int = LARGEST) -> int:
        """Return a whole number within both bounds; without a default the field must be there."""
        value = self.take(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(field, Sentence("Write a whole number from {least} to {most}.", least=least, most=most))
            return least
        return value

    def number(self, field: str, default: str | None = None) -> Decimal:
        """Return a decimal of 0 or more, which stands in the body as a text or a whole number, never as a float."""
        value = _decimal(self.take(field, default))
        if value is None:
            self.refuse(field, 'Write a number of 0 or more as a text, such as "1.5".')
            return Decimal(0)
        return value

    def day(self, field: str) -> date | None:
        """Return a day, or None when the field is not there."""
        value = self.take(field)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.refuse(field, "Write a day that exists, as 2026-03-31.")
            return None

    def texts(self, field: str) -> frozenset[str]:
        """Return a set of texts; empty when the field is not there, and refused when it is an empty list."""
        value = self.take(field)
        if value is None:
            return frozenset()
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            self.refuse(field, "Write a list of texts that is not empty, or leave the field out.")
            return frozenset()
        return frozenset(value)

    def part(self, field: str) -> "BodyReader | None":
        """Return the reader of an object within, or None when the field is not there."""
        value = self.take(field)
        return None if value is None else self._reader(value, self.place(field))

    def parts(self, field: str, *, least: int = 0) -> list["BodyReader"]:
        """Return the readers of a list of objects with at least `least` of them."""
        value = self.take(field, [])
        if not isinstance(value, list) or len(value) < least:
            self.refuse(field, Sentence("Write a list of at least {least} objects.", least=least))
            return []
        return [self._reader(one, f"{self.place(field)}[{index}]") for index, one in enumerate(value)]

    def close(self) -> None:
        """Refuse as malformed when anything was wrong, or a field of the body or its parts was never asked for."""
        self._refuse_unknown()
        if self.errors:
            raise Malformed(self.errors)

    def _reader(self, value: object, path: str) -> "BodyReader":
        reader = BodyReader(value, path, self.errors)
        self._parts.append(reader)
        return reader

    def _refuse_unknown(self) -> None:
        for field in self._body:
            if field not in self._asked:
                self.refuse(field, "Unknown field.")
        for part in self._parts:
            part._refuse_unknown()  # noqa: SLF001 - a reader like this one


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return Decimal(value)
    if not isinstance(value, str) or not value.isascii() or len(value) > _LONGEST_DECIMAL:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None
