"""What staff type about tasks."""

from marshmallow import fields, validate

from loyalty.tasks.rules import LONGEST_NOTE, LONGEST_REASON
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import DayField

CHOICES = ("none", "tomorrow", "days3", "week1", "date")
ACTS = ("reassign", "move", "skip")
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"

_note = validate.Length(max=LONGEST_NOTE, error="Keep this to 2,000 characters.")
_reason = validate.Length(max=LONGEST_REASON, error="Keep this to 200 characters.")
_time = validate.Regexp(_TIME, error="Write the time as 14:30.")


class RecordForm(FormSchema):
    """The result of a try, and when to follow up again."""

    outcome = fields.String(required=True, error_messages={"required": "Choose one of the results."})
    note = fields.String(load_default="", validate=_note)
    next = fields.String(load_default="none", validate=validate.OneOf(CHOICES))
    next_day = DayField(load_default=None)
    next_time = fields.String(load_default=None, validate=_time)
    seen = fields.Integer(load_default=None)
    stay = fields.String(load_default=None)


class SkipForm(FormSchema):
    """Why a task is not to be done."""

    reason = fields.String(
        required=True,
        validate=_reason,
        error_messages={"required": "Give a reason of 1 to 200 characters."},
    )


class BulkForm(FormSchema):
    """What to do with many tasks."""

    act = fields.String(required=True, validate=validate.OneOf(ACTS))
    every = fields.String(load_default=None)
    to = fields.Integer(load_default=None)
    day = DayField(load_default=None)
    reason = fields.String(load_default="", validate=_reason)


class NewTaskForm(FormSchema):
    """A follow-up to be arranged."""

    customer = fields.String(required=True, error_messages={"required": "Enter the customer number."})
    note = fields.String(
        required=True,
        validate=_reason,
        error_messages={"required": "Say what is to be done."},
    )
    day = DayField(required=True, error_messages={"required": "Choose a day."})
    time = fields.String(load_default=None, validate=_time)
    owner = fields.Integer(load_default=None)
    key = fields.String(required=True, validate=validate.Length(max=64))
