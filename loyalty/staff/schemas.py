"""The JSON of staff."""

from marshmallow import Schema, fields


class StoreSchema(Schema):
    """A store."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    zone = fields.String(required=True, metadata={"description": "Time zone in which its days are read."})
    currency = fields.String(required=True)


class StoresSchema(Schema):
    """The stores that the token may see."""

    items = fields.List(fields.Nested(StoreSchema), required=True)
