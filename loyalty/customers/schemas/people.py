"""The JSON of customers and consents."""

from marshmallow import Schema, fields, validate

from loyalty.customers.rules import (
    ALL_CHANNELS,
    CHANNELS,
    GENDERS,
    IDENTIFIER_KINDS,
    KINDS,
    LANGUAGES,
    PURPOSES,
    STATES,
)
from loyalty.customers.schemas.fields import LONGEST_NAME, one_of
from loyalty.web.api import EffectBody
from loyalty.web.json_fields import CodeField, DayField, MomentField, StrictSchema


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
    version = CodeField(16, metadata={"description": "As it was read; another one by now refuses the change."})
    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class NewCustomerSchema(CustomerChangeSchema):
    """A new customer; `source` and `external_number` together are its natural key."""

    class Meta(StrictSchema.Meta):
        exclude = ("state", "version", "dry_run")

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
    version = fields.String(required=True)
    merged_into = fields.String(required=True, allow_none=True, metadata={"description": "Who stands for it now."})
    identifiers = fields.List(fields.Nested(ShownIdentifierSchema), required=True)
    external_numbers = fields.List(fields.Nested(ExternalNumberSchema), required=True)


class ChangedCustomerSchema(CustomerSchema):
    """A customer after a change, or as it is still after a dry run, and what changed with it."""

    dry_run = fields.Boolean(required=True)
    effects = fields.List(fields.Nested(EffectBody), required=True)


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
