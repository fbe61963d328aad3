"""Bodies of the API of appointments."""

from marshmallow import fields, validate

from loyalty.appointments.rules import LONGEST_KEY, LONGEST_NOTE, STEPS, TOPICS, State
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema, WholeField


class AppointmentsQuery(StrictSchema):
    """Which appointments to list; both days are included, in the store's zone."""

    since = DayField(load_default=None)
    until = DayField(load_default=None)
    store = CodeField(load_default=None)
    customer = CodeField(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in State]))
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class SlotsQuery(StrictSchema):
    """The store, and the day in its zone."""

    store = CodeField(required=True)
    day = DayField(required=True)


class SlotView(StrictSchema):
    """A time that the store offers, and how many more cars fit in."""

    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})
    left = WholeField(required=True)


class SlotList(StrictSchema):
    """The times of a day."""

    items = fields.List(fields.Nested(SlotView), required=True)


class AppointmentBody(StrictSchema):
    """An appointment to be made; the same `key` of the customer makes it once."""

    customer = CodeField(required=True, metadata={"description": "The number of the customer."})
    store = CodeField(required=True)
    starts_at = MomentField(required=True)
    topic = fields.String(required=True, validate=validate.OneOf(TOPICS))
    key = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_KEY))
    vehicle = CodeField(load_default=None, metadata={"description": "The VIN."})
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class MoveBody(StrictSchema):
    """Another time of the same store."""

    starts_at = MomentField(required=True)


class StepBody(StrictSchema):
    """What became of it; with `seen` only when it has not changed since."""

    to = fields.String(required=True, validate=validate.OneOf([state.value for state in STEPS]))
    seen = WholeField(load_default=None)


class AppointmentView(StrictSchema):
    """An appointment, in plain JSON, since the answer to a key is kept as it was given."""

    id = WholeField(required=True)
    customer = fields.String(required=True, metadata={"description": "The number of the customer."})
    vehicle = fields.String(allow_none=True, metadata={"description": "The VIN."})
    store = fields.String(required=True)
    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})
    topic = fields.String(required=True)
    note = fields.String(required=True)
    state = fields.String(required=True)
    seq = fields.Integer(required=True, metadata={"description": "Send it as `seen` with a step."})


class AppointmentAnswer(StrictSchema):
    """An appointment."""

    appointment = fields.Nested(AppointmentView, required=True)


class AppointmentList(StrictSchema):
    """Some appointments by time, and where the next ones begin."""

    items = fields.List(fields.Nested(AppointmentView), required=True)
    next_cursor = fields.String(allow_none=True)
