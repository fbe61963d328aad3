"""What staff type about members."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from loyalty.membership.rules import NO_DOCUMENT, is_document
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import DayField

MOST_POINTS = 2**53
LONGEST_REASON = 200
_WHOLE = re.compile(r"[0-9]{1,3}(,?[0-9]{3})*|[0-9]+", re.ASCII)


class PointsText(fields.Field[int]):
    """Points as typed: 1200 or 1,200, from 1 to 2^53; other scripts' digits, signs and decimals are refused."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> int:
        if not _WHOLE.fullmatch(str(value)):
            raise ValidationError("Write the points as a whole number, such as 1200.")
        points = int(str(value).replace(",", ""))
        if not 1 <= points <= MOST_POINTS:
            raise ValidationError("Points are from 1 to 9,007,199,254,740,992.")
        return points


def _reason(sentence: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_REASON, error="Keep this to 200 characters."),
        error_messages={"required": sentence},
    )


def _document(text: str) -> None:
    if not is_document(text):
        raise ValidationError(NO_DOCUMENT)


class UseForm(FormSchema):
    """Points to redeem: for which work order, at which store. `key` tells one press of the button from another."""

    points = PointsText(required=True, error_messages={"required": "Fill in the points."})
    store = fields.String(load_default=None)
    document = fields.String(
        load_default="", validate=(validate.Length(max=60, error="Keep this to 60 characters."), _document)
    )
    reason = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_REASON, error="Keep this to 200 characters.")
    )
    key = fields.String(required=True, validate=validate.Length(min=1, max=64))


class AdjustForm(FormSchema):
    """Points to add or take by hand, with the reason."""

    direction = fields.String(
        required=True,
        validate=validate.OneOf(("add", "take"), error="Choose whether points are added or taken."),
        error_messages={"required": "Choose whether points are added or taken."},
    )
    points = PointsText(required=True, error_messages={"required": "Fill in the points."})
    reason = _reason("Say why, in words that the member would understand.")
    key = fields.String(required=True, validate=validate.Length(min=1, max=64))


class TransferForm(FormSchema):
    """Points to move to another member, with the reason."""

    to = fields.String(
        required=True,
        validate=validate.Length(max=20, error="A member number has twelve digits."),
        error_messages={"required": "Fill in the number of the member who gets the points."},
    )
    points = PointsText(required=True, error_messages={"required": "Fill in the points."})
    reason = _reason("Say why, in words that both members would understand.")
    key = fields.String(required=True, validate=validate.Length(min=1, max=64))


class ReturnForm(FormSchema):
    """Points of a redemption to give back."""

    points = PointsText(required=True, error_messages={"required": "Fill in the points."})
    reason = _reason("Say why the points are given back.")
    dealer_fault = fields.Boolean(load_default=False)
    key = fields.String(required=True, validate=validate.Length(min=1, max=64))


class EnrolForm(FormSchema):
    """Whom to enrol, and at which store."""

    customer = fields.String(required=True, error_messages={"required": "Fill in the customer number."})
    store = fields.String(required=True, error_messages={"required": "Choose a store."})


class StateForm(FormSchema):
    """What becomes of a membership, and why."""

    move = fields.String(
        required=True,
        validate=validate.OneOf(("suspend", "resume", "close"), error="Choose what is to happen."),
        error_messages={"required": "Choose what is to happen."},
    )
    reason = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_REASON, error="Keep this to 200 characters.")
    )


class LevelForm(FormSchema):
    """A level by hand: which, through which day, and why."""

    level = fields.String(required=True, error_messages={"required": "Choose a level."})
    until = DayField(required=True, error_messages={"required": "Fill in the last day."})
    reason = _reason("Say why; a second person reads it.")
