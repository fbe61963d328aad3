"""The JSON of customers, consents and vehicles."""

from typing import Any

from marshmallow import Schema, fields, validate

from loyalty.customers.rules import (
    ALL_CHANNELS,
    CHANNELS,
    CHOOSABLE,
    ENERGIES,
    GENDERS,
    IDENTIFIER_KINDS,
    KINDS,
    LANGUAGES,
    MOST_KM,
    OWNERSHIP_ROLES,
    PURPOSES,
    STATES,
    VEHICLE_CLASSES,
    VEHICLE_USES,
)
from loyalty.web.api import EffectBody
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema, WholeField

LONGEST_NAME = 80


def one_of(values: tuple[str, ...], **more: Any) -> fields.String:
    """Return a field that takes one of `values`."""
    return fields.String(validate=validate.OneOf(values), **more)


class IdentifierSchema(StrictSchema):
    """A phone, e-mail address, openid or card."""

    kind = one_of(IDENTIFIER_KINDS, required=True)
    value = CodeField(100, required=True)


class CustomerChangeSchema(StrictSchema):
    """What may change of a customer; fields left out stay."""

    name = CodeField(LONGEST_NAME)
    kind = one_of(KINDS)
    gender = one_of(GENDERS, allow_none=True)
    birthday = DayField(allow_none=True)
    lunar = fields.Boolean(truthy={True}, falsy={False})
    language = one_of(LANGUAGES)
    store = CodeField(40, metadata={"description": "Code of the home store."})
    state = one_of(STATES[:3])


class NewCustomerSchema(CustomerChangeSchema):
    """A new customer; `source` and `external_number` together are its natural key."""

    class Meta(StrictSchema.Meta):
        exclude = ("state",)

    name = CodeField(LONGEST_NAME, required=True)
    store = CodeField(40, required=True, metadata={"description": "Code of the home store."})
    source = CodeField(40)
    external_number = CodeField(100)
    identifiers = fields.List(fields.Nested(IdentifierSchema), validate=validate.Length(max=10))


class ShownIdentifierSchema(Schema):
    """An identifier as far as it is shown."""

    kind = fields.String(required=True)
    masked = fields.String(required=True)


class ExternalNumberSchema(Schema):
    """What another system calls the customer."""

    source = fields.String(required=True)
    number = fields.String(required=True)


class CustomerSchema(Schema):
    """A customer."""

    number = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    gender = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    birthday = DayField(required=True, allow_none=True)
    lunar = fields.Boolean(required=True)
    language = fields.String(required=True)
    store = fields.String(required=True, allow_none=True)
    created_at = MomentField(required=True)
    identifiers = fields.List(fields.Nested(ShownIdentifierSchema), required=True)
    external_numbers = fields.List(fields.Nested(ExternalNumberSchema), required=True)


class HitSchema(Schema):
    """A customer in a list."""

    number = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "Masked."})
    plates = fields.List(fields.String(), required=True)


class CustomersSchema(Schema):
    """A page of customers."""

    items = fields.List(fields.Nested(HitSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CustomersQuery(Schema):
    """Which customers: by what is typed into a search, or all of a store and state."""

    q = fields.String(validate=validate.Length(min=1, max=80))
    store = fields.String()
    state = one_of(STATES[:3])
    cursor = fields.String()
    limit = fields.Integer(validate=validate.Range(min=1, max=100))


class ConsentSchema(StrictSchema):
    """Something granted or withdrawn."""

    purpose = one_of(PURPOSES, required=True)
    channel = one_of((*CHANNELS, ALL_CHANNELS), required=True)
    granted = fields.Boolean(required=True, truthy={True}, falsy={False})
    at = MomentField()
    text_version = CodeField(40)
    proof = CodeField(200)


class ShownConsentSchema(ConsentSchema):
    """A consent as it is kept: what was not told is null."""

    text_version = CodeField(40, allow_none=True)
    proof = CodeField(200, allow_none=True)


class NewConsentsSchema(StrictSchema):
    """What a customer said."""

    consents = fields.List(fields.Nested(ConsentSchema), required=True, validate=validate.Length(min=1, max=20))


class ConsentsSchema(Schema):
    """What a customer agrees to now: the last event of each purpose and channel."""

    items = fields.List(fields.Nested(ShownConsentSchema), required=True)


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


class NewMergeSchema(StrictSchema):
    """The customer that becomes part of this one, and whose fields replace this one's."""

    gone = CodeField(40, required=True, metadata={"description": "Number of the other customer."})
    take = fields.List(one_of(CHOOSABLE), load_default=list, metadata={"description": "Fields taken from the other."})
    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class MergeEffectsSchema(Schema):
    """What a call changed."""

    effects = fields.List(fields.Nested(EffectBody), required=True)


class MergedSchema(MergeEffectsSchema):
    """A merge; `id` is null after a dry run."""

    id = fields.Integer(required=True, allow_none=True)


class PartedSchema(MergeEffectsSchema):
    """What went back."""


class MergeSchema(Schema):
    """A merge as it is kept."""

    id = fields.Integer(required=True)
    kept_number = fields.String(required=True, data_key="kept")
    gone_number = fields.String(required=True, data_key="gone")
    merged_at = MomentField(required=True)
    until_at = MomentField(required=True)
    parted_at = MomentField(required=True, allow_none=True)


class MergesSchema(Schema):
    """The merges of a customer."""

    items = fields.List(fields.Nested(MergeSchema), required=True)


class CopySchema(Schema):
    """Everything about a person: rows by the name of the part."""

    parts = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)


class ErasureAskedSchema(Schema):
    """A request of erasure that waits, or none."""

    waiting = fields.Boolean(required=True)
    asked_at = MomentField(required=True, allow_none=True)
    asked_by = fields.String(required=True, allow_none=True, metadata={"description": "owner, staff or client"})


class ErasureSchema(StrictSchema):
    """How an erasure is asked for."""

    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
