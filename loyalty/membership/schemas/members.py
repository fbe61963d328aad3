"""Bodies about members themselves."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from loyalty.membership.schemas.parts import LONGEST_REASON, EffectView
from loyalty.web.json_fields import CodeField, MomentField, StrictSchema


class EnrolBody(StrictSchema):
    """Whom to enrol: our customer number, at which store, since when (now unless told)."""

    customer = CodeField(required=True)
    store = CodeField(required=True)
    occurred_at = MomentField(load_default=None)


class StateBody(StrictSchema):
    """What becomes of a membership, and why."""

    move = fields.String(required=True, validate=validate.OneOf(("suspend", "resume", "close")))
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))


class MemberView(StrictSchema):
    """A member, in plain JSON, since the answer to a key is kept as it was given."""

    number = fields.String(required=True)
    customer = fields.String(required=True)
    store = fields.String(required=True)
    state = fields.String(required=True)
    joined_day = fields.String(required=True, metadata={"format": "date"})
    level = fields.String(allow_none=True)


class MemberAnswer(StrictSchema):
    """A member, and what the call changed."""

    member = fields.Nested(MemberView, required=True)
    effects = fields.List(fields.Nested(EffectView), required=True)


class MembersQuery(StrictSchema):
    """Which members to list; `customer` finds the one member that a customer is."""

    customer = CodeField(
        100,
        load_default=None,
        metadata={"description": "The customer's number here, C-0000001, or with `source` the number there."},
    )
    source = CodeField(40, load_default=None, metadata={"description": "Whose number `customer` is, such as DMS."})
    store = CodeField(load_default=None)
    level = CodeField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(("prospect", "active", "suspended", "closed")))
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)

    @validates_schema
    def _source_of_something(self, values: dict[str, Any], **_: Any) -> None:
        if values["source"] is not None and values["customer"] is None:
            raise ValidationError({"source": ["Tell the customer's number at this source, too."]})


class MemberList(StrictSchema):
    """Some members, and where the next ones begin."""

    items = fields.List(fields.Nested(MemberView), required=True)
    next_cursor = fields.String(allow_none=True)
