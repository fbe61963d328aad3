"""The JSON of the work calendar."""

from marshmallow import Schema, fields

from loyalty.web.json_fields import CodeField, DayField, StrictSchema


class DaysQuery(StrictSchema):
    """From which to which day, at most 400 of them; with `store` its closing days count too."""

    since = DayField(required=True)
    until = DayField(required=True)
    store = CodeField(40, load_default=None, metadata={"description": "The store's code."})


class OwnDaySchema(StrictSchema):
    """What the dealer does on a day, whatever the published list says, and why."""

    works = fields.Boolean(required=True, truthy={True}, falsy={False})
    name = CodeField(60, required=True)


class CalendarDaySchema(Schema):
    """A day, and why it is worked or not."""

    day = DayField(required=True)
    works = fields.Boolean(required=True)
    kind = fields.String(
        required=True,
        metadata={"enum": ["workday", "weekend", "holiday", "make_up", "own_workday", "own_rest", "store_rest"]},
    )
    name = fields.String(required=True, allow_none=True, metadata={"description": "The holiday, or the own reason."})
    published = fields.Boolean(
        required=True,
        metadata={"description": "Whether the list of the year is known; otherwise its weekends are all that is free."},
    )


class CalendarDaysSchema(Schema):
    """Days of the work calendar."""

    items = fields.List(fields.Nested(CalendarDaySchema), required=True)
