"""Bodies about levels."""

from marshmallow import fields, validate

from loyalty.membership.schemas.parts import LONGEST_REASON
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema, WholeField


class CriterionView(StrictSchema):
    """One criterion: what there is of what is needed; spend in minor units of the scheme's currency."""

    metric = fields.String(required=True)
    value = WholeField(required=True)
    threshold = WholeField(required=True)
    missing = WholeField(required=True)
    from_day = DayField(allow_none=True)
    to_day = DayField(required=True)


class RungView(StrictSchema):
    """A level: `least` of its criteria are needed."""

    level = fields.String(required=True)
    rank = WholeField(required=True)
    least = WholeField(required=True)
    reached = fields.Boolean(required=True)
    criteria = fields.List(fields.Nested(CriterionView), required=True)


class TierAnswer(StrictSchema):
    """The level, why, what is missing for each level, and when it is reviewed; null while there are no levels."""

    level = fields.String(allow_none=True)
    since_day = DayField(allow_none=True)
    valid_to = DayField(allow_none=True)
    review_day = DayField(allow_none=True)
    currency = fields.String(allow_none=True)
    keep = fields.Nested(RungView, allow_none=True)
    ladder = fields.List(fields.Nested(RungView), required=True)


class FloorBody(StrictSchema):
    """A level below which the member is not to fall through `until`, and why."""

    level = CodeField(required=True)
    until = DayField(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))


class FloorWaiting(StrictSchema):
    """The request that waits for a second person."""

    approval = WholeField(required=True)


class FloorView(StrictSchema):
    """A level set by hand that two people agreed on."""

    id = WholeField(required=True)
    level = fields.String(required=True)
    until = DayField(required=True)
    reason = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_at = MomentField(required=True)
    approved_by = fields.String(required=True)
    approved_at = MomentField(required=True)


class FloorList(StrictSchema):
    """The levels set by hand, and the number of the request that waits; null for none."""

    items = fields.List(fields.Nested(FloorView), required=True)
    waiting = WholeField(required=True, allow_none=True)
