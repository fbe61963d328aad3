"""Bodies of uses of points, and what they answer."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates

from loyalty.membership.rules import NO_DOCUMENT, is_document
from loyalty.membership.schemas.parts import LONGEST_REASON, BalanceView, EffectView, StrictBoolean
from loyalty.web.json_fields import AmountField, CodeField, MomentField, PointsField, StrictSchema, WholeField


class _Use(StrictSchema):
    store = CodeField(load_default=None, metadata={"description": "The store's code; the member's own unless told."})
    document = CodeField(60, load_default="", metadata={"description": "The number of the work order or document."})
    occurred_at = MomentField(load_default=None)
    dry_run = StrictBoolean(load_default=False)

    @validates("document")
    def _names_nobody(self, document: str, **_: Any) -> None:
        if not is_document(document):
            raise ValidationError(NO_DOCUMENT)


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
    ask = StrictBoolean(
        load_default=False,
        metadata={"description": "Above the limit for one person, let it wait for a second one instead of refusing."},
    )


class TransferBody(_Use):
    """Points to move to another member, and why."""

    points = PointsField(required=True)
    to = CodeField(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))


class HoldBody(_Use):
    """Points to reserve, at most until a moment."""

    points = PointsField(required=True)
    until = MomentField(load_default=None)
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))


class CaptureBody(_Use):
    """Points of a hold to redeem."""

    points = PointsField(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))


class ReleaseBody(_Use):
    """Why a hold is given up; nothing is needed."""

    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))


class ReceiptAnswer(StrictSchema):
    """What was done to points: the key by which it can be undone, the balance after it, and the effects."""

    key = fields.String(required=True)
    points = WholeField(required=True)
    dry_run = StrictBoolean(load_default=False)
    balance = fields.Nested(BalanceView, required=True)
    effects = fields.List(fields.Nested(EffectView), required=True)


class WaitingAnswer(StrictSchema):
    """The request that waits for a second person (null in a dry run), and what a yes would do now."""

    approval = WholeField(required=True, allow_none=True)
    dry_run = StrictBoolean(load_default=False)
    effects_once_approved = fields.List(fields.Nested(EffectView), required=True)
