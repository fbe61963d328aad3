"""The JSON of tables of facts."""

from marshmallow import Schema, fields, validate

from loyalty.programme.rules.tables import CERTAINTY_TEXTS, EVERYWHERE
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema

SINCE = {"description": "The first day; null: since ever, as far as is known."}
UNTIL = {"description": "The last day; null: till another table begins."}
SURE = {"enum": list(CERTAINTY_TEXTS), "description": "How sure it is; general means that it is to be checked."}


class TableDraftSchema(StrictSchema):
    """A new table of facts."""

    kind = CodeField(40, required=True)
    region = CodeField(10, load_default=EVERYWHERE)
    valid_from = DayField(load_default=None, allow_none=True, metadata=SINCE)
    valid_to = DayField(load_default=None, allow_none=True, metadata=UNTIL)
    source = fields.String(required=True)
    certainty = fields.String(required=True, validate=validate.OneOf(list(CERTAINTY_TEXTS)), metadata=SURE)
    remark = fields.String(load_default="")
    rows = fields.List(fields.Dict(keys=fields.String()), required=True)


class TablesQuery(StrictSchema):
    """Which tables are asked for."""

    kind = fields.String(load_default=None)
    region = fields.String(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class InForceQuery(StrictSchema):
    """What is asked: which facts hold where on a day."""

    kind = fields.String(required=True)
    region = fields.String(load_default=EVERYWHERE)
    day = DayField(required=True)


class TableHeadSchema(Schema):
    """A table without its rows."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    region = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["draft", "in_review", "active", "retired"]})
    valid_from = DayField(required=True, allow_none=True, metadata=SINCE)
    valid_to = DayField(required=True, allow_none=True, metadata=UNTIL)
    source = fields.String(required=True)
    certainty = fields.String(required=True, metadata=SURE)
    remark = fields.String(required=True)
    author = fields.String(required=True, allow_none=True)
    approver = fields.String(required=True, allow_none=True)
    created_at = MomentField(required=True)
    activated_at = MomentField(required=True, allow_none=True)


class TableSchema(TableHeadSchema):
    """A table of facts."""

    rows = fields.List(fields.Dict(), required=True)


class TablesSchema(Schema):
    """A page of tables, newest first."""

    items = fields.List(fields.Nested(TableHeadSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
