"""Bodies of the API of approvals."""

from marshmallow import fields, validate

from loyalty.approvals.rules import LONGEST_NOTE, STATES
from loyalty.web.api import EffectBody
from loyalty.web.json_fields import CodeField, StrictSchema, WholeField


class ApprovalsQuery(StrictSchema):
    """Which requests to list; those that wait come the oldest first, others the latest first."""

    state = fields.String(load_default="waiting", validate=validate.OneOf((*STATES, "all")))
    kind = CodeField(load_default=None)
    store = CodeField(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class FigureView(StrictSchema):
    """One figure before and after, in the reader's language."""

    label = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class PreviewView(StrictSchema):
    """What a yes does: in words, and the figures that it changes."""

    effects = fields.List(fields.Nested(EffectBody), required=True)
    figures = fields.List(fields.Nested(FigureView), required=True)
    seen = fields.String(required=True, metadata={"description": "Send it with the approval of just this effect."})


class RefusalView(StrictSchema):
    """Why a yes would be refused now."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class ApprovalView(StrictSchema):
    """A request and its decision."""

    id = WholeField(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    about = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "What whoever asked wrote."})
    store = fields.String(allow_none=True, metadata={"description": "Null for what concerns the group."})
    state = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_at = fields.String(required=True, metadata={"format": "date-time"})
    effect_when_asked = fields.Nested(PreviewView, required=True)
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    note = fields.String(allow_none=True)
    outcome = fields.List(fields.Nested(EffectBody), allow_none=True)


class ApprovalList(StrictSchema):
    """Some requests, and where the next ones begin."""

    items = fields.List(fields.Nested(ApprovalView), required=True)
    next_cursor = fields.String(allow_none=True)


class ApprovalAnswer(StrictSchema):
    """A request with the effect of a yes now; null once it is decided, or while `refused` says why it cannot be."""

    approval = fields.Nested(ApprovalView, required=True)
    effect_now = fields.Nested(PreviewView, allow_none=True)
    refused = fields.Nested(RefusalView, allow_none=True)


class DecisionAnswer(StrictSchema):
    """A request after its decision, and what the decision changed."""

    approval = fields.Nested(ApprovalView, required=True)
    effects = fields.List(fields.Nested(EffectBody), required=True)


class ApproveBody(StrictSchema):
    """A yes; with `seen` only to the effect that was read."""

    seen = fields.String(load_default=None, validate=validate.Length(max=64))


class NoteBody(StrictSchema):
    """A no, with a note for who asked."""

    note = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NOTE))
