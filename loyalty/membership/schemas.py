"""Bodies of the members' API."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from loyalty.web.json_fields import (
    AmountField,
    CodeField,
    DayField,
    MomentField,
    PointsField,
    StrictSchema,
    WholeField,
)

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


class EnrolBody(StrictSchema):
    """Whom to enrol: our customer number, at which store, since when (now unless told)."""

    customer = CodeField(required=True)
    store = CodeField(required=True)
    occurred_at = MomentField(load_default=None)


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
    """Which members to list."""

    store = CodeField(load_default=None)
    level = CodeField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(("prospect", "active", "suspended", "closed")))
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class MemberList(StrictSchema):
    """Some members, and where the next ones begin."""

    items = fields.List(fields.Nested(MemberView), required=True)
    next_cursor = fields.String(allow_none=True)


class MomentQuery(StrictSchema):
    """A moment of the past to answer for."""

    as_of = MomentField(load_default=None)


class EntriesQuery(StrictSchema):
    """Which movements to list."""

    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)
    unit = fields.String(load_default="points", validate=validate.OneOf(("points", "growth")))


class _Use(StrictSchema):
    store = CodeField(load_default=None, metadata={"description": "The store's code; the member's own unless told."})
    document = CodeField(60, load_default="", metadata={"description": "The number of the work order or document."})
    occurred_at = MomentField(load_default=None)
    dry_run = StrictBoolean(load_default=False)


class RedemptionBody(_Use):
    """Points to use; `order` is the value of what they pay a part of."""

    points = PointsField(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))
    order = AmountField(load_default=None)


class ReturnBody(_Use):
    """Points of a redemption to give back; `dealer_fault` lets lapsed ones live on for a while."""

    points = PointsField(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))
    dealer_fault = StrictBoolean(load_default=False)


class AdjustmentBody(_Use):
    """Points to add, or below 0 to take, and why."""

    points = WholeField(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))


class TransferBody(_Use):
    """Points to move to another member, and why."""

    points = PointsField(required=True)
    to = CodeField(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))


class BalanceView(StrictSchema):
    """How the points stand."""

    available = WholeField(required=True)
    pending = WholeField(required=True)
    held = WholeField(required=True)
    debt = WholeField(required=True)


class ReceiptAnswer(StrictSchema):
    """What was done to points: the key by which it can be undone, the balance after it, and the effects."""

    key = fields.String(required=True)
    points = WholeField(required=True)
    dry_run = StrictBoolean(load_default=False)
    balance = fields.Nested(BalanceView, required=True)
    effects = fields.List(fields.Nested(EffectView), required=True)


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


class LotList(StrictSchema):
    """Some lots, and where the next ones begin."""

    items = fields.List(fields.Nested(Lot), required=True)
    next_cursor = fields.String(allow_none=True)


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
