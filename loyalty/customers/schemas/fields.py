"""Fields that several bodies of customers share."""

from typing import Any

from marshmallow import fields, validate

LONGEST_NAME = 80


def one_of(values: tuple[str, ...], **more: Any) -> fields.String:
    """Return a field that takes one of `values`."""
    return fields.String(validate=validate.OneOf(values), **more)
