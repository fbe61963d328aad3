"""What is asked and answered about points."""

from marshmallow import fields, validate

from loyalty.membership.schemas.parts import BalanceView
from loyalty.web.json_fields import DayField, MomentField, StrictSchema, WholeField


class MomentQuery(StrictSchema):
    """A moment of the past to answer for."""

    as_of = MomentField(load_default=None)


class EntriesQuery(StrictSchema):
    """Which movements to list."""

    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)
    unit = fields.String(load_default="points", validate=validate.OneOf(("points", "growth")))


class NextEnd(StrictSchema):
    """The points that lapse next, and from which moment."""

    at = MomentField(required=True)
    points = WholeField(required=True)


class Movement(StrictSchema):
    """One movement of points."""

    id = WholeField(required=True)
    at = MomentField(required=True)
    kind = fields.String(required=True)
    points = WholeField(required=True)
    source_kind = fields.String(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)


class PointsAnswer(StrictSchema):
    """A member's points and level at a moment, with the last ten movements."""

    number = fields.String(required=True)
    state = fields.String(required=True)
    level = fields.String(allow_none=True)
    level_until = DayField(allow_none=True)
    balance = fields.Nested(BalanceView, required=True)
    next_end = fields.Nested(NextEnd, allow_none=True)
    movements = fields.List(fields.Nested(Movement), required=True)


class Entry(Movement):
    """One movement with its bookkeeping: the balance's places, the key, the rule's version."""

    moved = WholeField(required=True)
    debit = fields.String(required=True)
    credit = fields.String(required=True)
    key = fields.String(required=True)
    booked_at = MomentField(required=True)
    by = fields.String(required=True)
    rules = fields.String(allow_none=True)
    rules_version = WholeField(allow_none=True)


class EntryList(StrictSchema):
    """Some movements, and where the next ones begin."""

    items = fields.List(fields.Nested(Entry), required=True)
    next_cursor = fields.String(allow_none=True)


class Lot(StrictSchema):
    """What one award gave and what is left of it; `expires_at` is exclusive."""

    id = WholeField(required=True)
    points = WholeField(required=True)
    remaining = WholeField(required=True)
    state = fields.String(required=True)
    earned_at = MomentField(required=True)
    available_from = MomentField(allow_none=True)
    expires_at = MomentField(allow_none=True)
    source_kind = fields.String(required=True)
    source = fields.String(required=True)


class HoldView(StrictSchema):
    """Points that are reserved under a key; `until` null until somebody decides."""

    key = fields.String(required=True)
    points = WholeField(required=True)
    at = MomentField(required=True)
    until = MomentField(allow_none=True)
    document = fields.String(required=True)
    reason = fields.String(required=True)


class HoldList(StrictSchema):
    """What is reserved."""

    items = fields.List(fields.Nested(HoldView), required=True)


class LotList(StrictSchema):
    """Some lots, and where the next ones begin."""

    items = fields.List(fields.Nested(Lot), required=True)
    next_cursor = fields.String(allow_none=True)
