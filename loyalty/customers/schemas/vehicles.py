"""The JSON of vehicles, households, and who holds what."""

from marshmallow import Schema, fields, validate

from loyalty.customers.rules import ENERGIES, MOST_KM, OWNERSHIP_ROLES, SECOND_ROLES, VEHICLE_CLASSES, VEHICLE_USES
from loyalty.customers.schemas.fields import one_of
from loyalty.web.json_fields import CodeField, DayField, StrictSchema, WholeField


class VehicleChangeSchema(StrictSchema):
    """What may change of a vehicle; fields left out stay."""

    plate = CodeField(12, allow_none=True)
    model = CodeField(80, allow_none=True)
    vehicle_class = one_of(VEHICLE_CLASSES)
    use = one_of(VEHICLE_USES)
    energy = one_of(ENERGIES, allow_none=True)
    made_day = DayField(allow_none=True)
    registered_day = DayField(allow_none=True)
    invoiced_day = DayField(allow_none=True)
    delivered_day = DayField(allow_none=True)


class NewVehicleSchema(VehicleChangeSchema):
    """A new vehicle and its main owner."""

    vin = CodeField(20, required=True)
    owner = CodeField(40, required=True, metadata={"description": "Number of the customer."})
    since = DayField(metadata={"description": "First day of the owner; today when left out."})


class HoldingSchema(Schema):
    """Who holds a vehicle; `until` is the first day on which it is no longer so."""

    customer = fields.String(required=True)
    role = one_of(OWNERSHIP_ROLES, required=True)
    since = DayField(required=True)
    until = DayField(required=True, allow_none=True)


class VehicleSchema(VehicleChangeSchema):
    """A vehicle, with a warning where its check digit does not fit."""

    vin = fields.String(required=True)
    check_digit_fits = fields.Boolean(required=True)
    holders = fields.List(fields.Nested(HoldingSchema), required=True)


class ReadingSchema(StrictSchema):
    """A mileage; with a reason it corrects earlier ones."""

    km = WholeField(required=True, validate=validate.Range(min=0, max=MOST_KM))
    day = DayField(required=True)
    reason = CodeField(200)


class ShownReadingSchema(ReadingSchema):
    """A mileage as it is kept; the reason is null where nothing was corrected."""

    reason = CodeField(200, allow_none=True)


class ReadingsSchema(Schema):
    """The mileage of a vehicle, the latest first."""

    items = fields.List(fields.Nested(ShownReadingSchema), required=True)


class OwnerSchema(StrictSchema):
    """The next main owner, and its first day."""

    owner = CodeField(40, required=True)
    since = DayField(required=True)


class PersonSchema(Schema):
    """Somebody of a household; `until` is the first day on which it is no longer so."""

    customer = fields.String(required=True)
    since = DayField(required=True)
    until = DayField(required=True, allow_none=True)


class CarSchema(Schema):
    """A car of a household, and who holds it as what."""

    vin = fields.String(required=True)
    customer = fields.String(required=True)
    role = one_of(OWNERSHIP_ROLES, required=True)


class HouseholdSchema(Schema):
    """A household with its people, and the cars that they hold."""

    name = fields.String(required=True)
    people = fields.List(fields.Nested(PersonSchema), required=True)
    cars = fields.List(fields.Nested(CarSchema), required=True)


class NewHouseholdSchema(StrictSchema):
    """A new household."""

    name = CodeField(80, required=True)
    since = DayField(required=True)


class NewPersonSchema(StrictSchema):
    """One more person."""

    customer = CodeField(40, required=True, metadata={"description": "Number of the customer."})
    since = DayField(required=True)


class HolderSchema(NewPersonSchema):
    """One more driver or payer."""

    role = one_of(SECOND_ROLES, required=True)


class LeavingSchema(StrictSchema):
    """The first day on which it is no longer so."""

    day = DayField(required=True)
