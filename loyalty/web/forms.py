"""HTML forms: a marshmallow schema over what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema

from loyalty.web.languages import say_line
from loyalty.web.texts import LARGEST_ID


class FormSchema(Schema):
    """A form: fields that the page does not know (the token, the button) are left out."""

    class Meta:
        unknown = EXCLUDE

    @validates_schema(skip_on_field_errors=False)
    def _bounded(self, values: Mapping[str, Any], **_kwargs: Any) -> None:
        """Refuse numbers that no column holds, in whichever field: no form means one."""
        large = {name: ["Number too large."] for name, value in values.items() if _too_large(value)}
        if large:
            raise ValidationError(large)


def _too_large(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_too_large, value))
    return isinstance(value, int) and abs(value) > LARGEST_ID


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
