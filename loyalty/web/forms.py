"""HTML forms: a marshmallow schema over what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError

from loyalty.web.languages import say_line


class FormSchema(Schema):
    """A form: fields that the page does not know (the token, the button) are left out."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: `values` by name when all is well, `errors` by name otherwise, and what was `typed`."""

    values: dict[str, Any]
    errors: dict[str, list[str]]
    typed: dict[str, str]

    @property
    def ok(self) -> bool:
        """Return whether the form can be used."""
        return not self.errors


def load(schema: type[Schema], form: Mapping[str, str]) -> Filled:
    """Return what `schema` makes of `form`: texts trimmed, empty ones as not given."""
    typed = {name: value.strip() for name, value in form.items()}
    given = {name: value for name, value in typed.items() if value != ""}
    try:
        values = schema().load(given)
    except ValidationError as error:
        told = error.messages_dict
        return Filled({}, {name: [say_line(line) for line in _lines(lines)] for name, lines in told.items()}, typed)
    return Filled(dict(values), {}, typed)


def empty(**typed: str) -> Filled:
    """Return a form that was not sent yet, with `typed` filled in beforehand."""
    return Filled({}, {}, typed)


def _lines(lines: Any) -> list[Any]:
    if isinstance(lines, Mapping):
        return [line for inner in lines.values() for line in _lines(inner)]
    return list(lines) if isinstance(lines, list) else [lines]
