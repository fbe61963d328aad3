"""Bodies of the API of follow-up plans."""

from marshmallow import fields, validate

from loyalty.visits.rules import CHANNELS, TRIGGERS, PlanState, StepState
from loyalty.web.json_fields import StrictSchema, WholeField


class FollowUpPlansQuery(StrictSchema):
    """Which plans to list: of one state, or of any."""

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in PlanState]))
    customer = fields.String(load_default=None, metadata={"description": "The number of the customer."})
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class PlanStepMessage(StrictSchema):
    """The message that a step became last."""

    id = WholeField(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)


class PlanStepBody(StrictSchema):
    """A step: its days in the store's zone, why they are these, and what became of it."""

    code = fields.String(required=True)
    what = fields.String(required=True)
    about = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    due_from = fields.String(required=True, metadata={"format": "date"})
    due_to = fields.String(required=True, metadata={"format": "date"})
    reasons = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in StepState]))
    message = fields.Nested(PlanStepMessage, allow_none=True)


class FollowUpPlanBody(StrictSchema):
    """The follow-up of one fact; `day` is the day of the fact, of an inspection its last day."""

    id = WholeField(required=True)
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    day = fields.String(required=True, metadata={"format": "date"})
    customer = fields.String(required=True, metadata={"description": "The number of the customer."})
    vehicle = fields.String(allow_none=True, metadata={"description": "The VIN."})
    store = fields.String(required=True, metadata={"description": "The code of the store."})
    km = fields.Integer(allow_none=True)
    opens = fields.String(allow_none=True, metadata={"format": "date"})
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in PlanState]))
    reason = fields.String(allow_none=True)
    steps = fields.List(fields.Nested(PlanStepBody), required=True)


class FollowUpPlanList(StrictSchema):
    """Some plans, the latest first, and where the next ones begin."""

    items = fields.List(fields.Nested(FollowUpPlanBody), required=True)
    next_cursor = fields.String(allow_none=True)
