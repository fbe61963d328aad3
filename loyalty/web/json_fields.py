"""Fields of JSON bodies, as strict as money and points deserve."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from loyalty.kernel.clock import parse_day, parse_moment
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Malformed
from loyalty.kernel.money import LARGEST_MINOR, Money, exponent
from loyalty.web.languages import say

T = TypeVar("T")


class StrictSchema(Schema):
    """A body in which an unknown field is an error: a misspelt name must not be lost in silence."""

    class Meta:
        unknown = RAISE


def _whole(value: object, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError("This must be a whole number, not text, true or a decimal.")
    if abs(value) > largest:
        raise ValidationError("This number is too large.")
    return value


class WholeField(fields.Field[int]):
    """A JSON whole number of at most 2^53 - 1 either way; true, 1.5, 1e3 and texts are refused."""

    def _deserialize(self, value: Any, *_context: Any, **_kwargs: Any) -> int:
        return _whole(value, LARGEST_MINOR)


class PointsField(WholeField):
    """A number of points, from 1 to 2^53 - 1."""

    def _deserialize(self, value: Any, *_context: Any, **_kwargs: Any) -> int:
        points = _whole(value, LARGEST_MINOR)
        if points < 1:
            raise ValidationError("Points start at 1.")
        return points


class AmountField(fields.Field[Money]):
    """An amount such as {"minor": 123400, "currency": "CNY"}; `signed` also takes amounts below 0."""

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, *_context: Any, **_kwargs: Any) -> Money:
        if not isinstance(value, dict) or set(value) != {"minor", "currency"}:
            raise ValidationError('An amount is written as {"minor": 123400, "currency": "CNY"}.')
        minor = _whole(value["minor"], LARGEST_MINOR)
        if not isinstance(value["currency"], str):
            raise ValidationError("This must be text.")
        try:
            exponent(value["currency"])
        except Malformed as error:
            raise ValidationError([told for lines in error.errors.values() for told in lines]) from error
        if minor < 0 and not self.signed:
            raise ValidationError("This amount cannot be below 0.")
        return Money(minor, value["currency"])

    def _serialize(self, value: Money | None, *_context: Any, **_kwargs: Any) -> dict[str, Any] | None:
        return None if value is None else {"minor": value.minor, "currency": value.currency}


class MomentField(fields.Field[datetime]):
    """A moment in ISO 8601 with its offset, read into UTC."""

    def _deserialize(self, value: Any, *_context: Any, **_kwargs: Any) -> datetime:
        return parsed(parse_moment, value)

    def _serialize(self, value: datetime | None, *_context: Any, **_kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class DayField(fields.Field[date]):
    """A day such as 2026-03-12."""

    def _deserialize(self, value: Any, *_context: Any, **_kwargs: Any) -> date:
        return parsed(parse_day, value)

    def _serialize(self, value: date | None, *_context: Any, **_kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class CodeField(fields.String):
    """A name or number of another system: 1 to `most` printable characters, trimmed, no line breaks."""

    def __init__(self, most: int = 100, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=most), **kwargs)

    def _deserialize(self, value: Any, *context: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *context, **kwargs)).strip()
        if not text.isprintable():
            raise ValidationError("This has characters that cannot be printed.")
        return text


def parsed(parse: Callable[[str], T], value: object) -> T:
    """Return what `parse` (one of kernel.clock) makes of the text; a ValidationError with its sentence otherwise."""
    if not isinstance(value, str):
        raise ValidationError("This must be text.")
    try:
        return parse(value)
    except Malformed as error:
        raise ValidationError([told for sentences in error.errors.values() for told in sentences]) from error


def effects_json(effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """Return the effects in words (of the request's language) and numbers."""
    return [
        {
            "kind": effect.kind,
            "message": say(effect.sentence, effect.numbers),
            "numbers": {name: _plain(value) for name, value in effect.numbers.items()},
        }
        for effect in effects
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return value.isoformat() if isinstance(value, date | datetime) else value
