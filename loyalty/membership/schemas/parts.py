"""Parts that several bodies share."""

from typing import Any

from marshmallow import ValidationError, fields

from loyalty.web.json_fields import StrictSchema, WholeField

LONGEST_REASON = 200


class StrictBoolean(fields.Boolean):
    """True or false as JSON writes them; "yes" and 1 are refused."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("This must be true or false.")
        return value


class EffectView(StrictSchema):
    """One thing that a call changed."""

    kind = fields.String(required=True)
    message = fields.String(required=True)
    numbers = fields.Dict(required=True)


class BalanceView(StrictSchema):
    """How the points stand."""

    available = WholeField(required=True)
    pending = WholeField(required=True)
    held = WholeField(required=True)
    debt = WholeField(required=True)
