"""Bodies of the API of tasks."""

from marshmallow import fields, validate

from loyalty.tasks.queries import EVERYBODY, MINE, NOBODY, OVERDUE
from loyalty.tasks.rules import LONGEST_NOTE, LONGEST_REASON, VIEW_TITLES
from loyalty.tasks.service import MOST_AT_ONCE
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema, WholeField


class TasksQuery(StrictSchema):
    """Which open tasks to list: what has begun, or with `until` also what begins by that day."""

    whose = fields.String(load_default=EVERYBODY, validate=validate.OneOf((MINE, EVERYBODY, NOBODY)))
    view = fields.String(load_default=None, validate=validate.OneOf((OVERDUE, *VIEW_TITLES)))
    kind = CodeField(load_default=None)
    store = CodeField(load_default=None)
    until = DayField(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class TaskView(StrictSchema):
    """A task, in plain JSON, since the answer to a key is kept as it was given."""

    id = WholeField(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    what = fields.String(required=True)
    customer = fields.String(required=True, metadata={"description": "The number of the customer."})
    vehicle = fields.String(allow_none=True, metadata={"description": "The VIN."})
    store = fields.String(required=True)
    owner = fields.String(allow_none=True, metadata={"description": "The name of the person in charge."})
    due_from = fields.String(required=True, metadata={"format": "date"})
    due_to = fields.String(required=True, metadata={"format": "date"})
    due_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    state = fields.String(required=True)
    outcome = fields.String(allow_none=True)
    tries = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True, metadata={"description": "Why the day is what it is."})
    seq = fields.Integer(required=True, metadata={"description": "Send it as `seen` with a result."})


class TaskList(StrictSchema):
    """Some tasks, and where the next ones begin."""

    items = fields.List(fields.Nested(TaskView), required=True)
    next_cursor = fields.String(allow_none=True)


class AttemptView(StrictSchema):
    """A try; `taken_back` when it was undone."""

    at = fields.String(required=True, metadata={"format": "date-time"})
    outcome = fields.String(required=True)
    means = fields.String(required=True)
    note = fields.String(required=True)
    next_day = fields.String(allow_none=True, metadata={"format": "date"})
    by = fields.String(required=True)
    taken_back = fields.Boolean(required=True)


class TaskAnswer(StrictSchema):
    """A task with what was tried."""

    task = fields.Nested(TaskView, required=True)
    outcomes = fields.List(fields.String(), required=True, metadata={"description": "The results to choose from."})
    attempts = fields.List(fields.Nested(AttemptView), required=True)


class AttemptBody(StrictSchema):
    """The result of a try; with `seen` only when the task has not changed since."""

    outcome = CodeField(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    next_day = DayField(load_default=None)
    next_at = MomentField(load_default=None)
    answers = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    seen = WholeField(load_default=None)


class RecordedAnswer(StrictSchema):
    """A task after a try, and the number of the one that follows."""

    task = fields.Nested(TaskView, required=True)
    follower = WholeField(allow_none=True)


class ReassignBody(StrictSchema):
    """The tasks, and the user name of who is to do them; null for nobody."""

    tasks = fields.List(WholeField(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    to = CodeField(required=True, allow_none=True)


class LeftView(StrictSchema):
    """A task that was left as it is, and why."""

    id = WholeField(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class SweptAnswer(StrictSchema):
    """How many tasks were changed, and which were left."""

    changed = fields.Integer(required=True)
    left = fields.List(fields.Nested(LeftView), required=True)


class SkipBody(StrictSchema):
    """Why a task is not to be done."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))
