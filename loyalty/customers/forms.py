"""What people type on pages about customers and vehicles."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from loyalty.customers.rules import (
    ENERGIES,
    GENDERS,
    IDENTIFIER_KINDS,
    KINDS,
    LANGUAGES,
    MOST_KM,
    SECOND_ROLES,
    STATES,
    VEHICLE_CLASSES,
    VEHICLE_USES,
)
from loyalty.kernel.clock import YEARS
from loyalty.web.forms import FormSchema


def day_field(**more: Any) -> fields.Date:
    """Return a field that takes a day as date inputs send it: 2026-03-12."""
    told: dict[str, Any] = {"required": "Enter a day.", "invalid": "Enter a day of the calendar as 2026-03-12."}
    first, last = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
    near = validate.Range(first, last, error=told["invalid"])
    return fields.Date(format="%Y-%m-%d", error_messages=told, validate=near, **more)


def choice(values: tuple[str, ...], **more: Any) -> fields.String:
    """Return a field that takes one of `values`."""
    return fields.String(validate=validate.OneOf(values, error="Choose one of the entries."), **more)


def typed_km(text: str) -> int:
    """Return whole km from what was typed; spaces and thousands commas are read over."""
    plain = text.replace(",", "").replace(" ", "")
    if not (plain.isascii() and plain.isdigit()) or int(plain) > MOST_KM:
        raise ValidationError("Mileage is a whole number from 0 to 3,000,000 km.")
    return int(plain)


class CustomerForm(FormSchema):
    """A customer's own data."""

    name = fields.String(required=True, error_messages={"required": "Enter a name."})
    kind = choice(KINDS, load_default="person")
    gender = choice(GENDERS, load_default=None)
    birthday = day_field(load_default=None)
    lunar = fields.Boolean(load_default=False)
    language = choice(LANGUAGES, load_default="zh_Hans_CN")
    home_store_id = fields.Integer(
        required=True,
        error_messages={"required": "Choose a store.", "invalid": "Choose a store."},
    )
    advisor_id = fields.Integer(load_default=None, error_messages={"invalid": "Choose one of the entries."})


class NewCustomerForm(CustomerForm):
    """A new customer, with the first ways to reach it."""

    phone = fields.String(load_default=None)
    email = fields.String(load_default=None)


class EditCustomerForm(CustomerForm):
    """A known customer, whose state may change too."""

    state = choice(STATES[:3], required=True, error_messages={"required": "Choose one of the entries."})
    seen = fields.String(load_default=None)
    told = fields.String(load_default=None, metadata={"description": "What was told to lapse by closing."})


class IdentifierForm(FormSchema):
    """One more phone or address."""

    kind = choice(IDENTIFIER_KINDS, required=True)
    value = fields.String(required=True, error_messages={"required": "Enter a phone, an address or a card number."})


class NoteForm(FormSchema):
    """Something noted down."""

    kind = choice(("note", "call"), load_default="note")
    note = fields.String(required=True, error_messages={"required": "Write a note of 1 to 2,000 characters."})


class VehicleForm(FormSchema):
    """A vehicle's data."""

    plate = fields.String(load_default=None)
    model = fields.String(
        load_default=None,
        validate=validate.Length(max=80, error="A model has at most 80 characters."),
    )
    vehicle_class = choice(VEHICLE_CLASSES, load_default="passenger")
    use = choice(VEHICLE_USES, load_default="household")
    energy = choice(ENERGIES, load_default=None)
    made_day = day_field(load_default=None)
    registered_day = day_field(load_default=None)
    delivered_day = day_field(load_default=None)


class NewVehicleForm(VehicleForm):
    """A new vehicle of a customer."""

    vin = fields.String(required=True, error_messages={"required": "Enter the VIN."})


class ReadingForm(FormSchema):
    """A mileage; with a reason it corrects earlier ones."""

    km = fields.Function(
        deserialize=typed_km,
        required=True,
        error_messages={"required": "Enter the mileage in km."},
    )
    day = day_field(required=True)
    reason = fields.String(load_default=None)


class OwnerForm(FormSchema):
    """The next main owner."""

    number = fields.String(required=True, error_messages={"required": "Enter the customer number of the new owner."})
    day = day_field(required=True)


class ProfileForm(FormSchema):
    """What owners change by themselves."""

    gender = choice(GENDERS, load_default=None)
    birthday = day_field(load_default=None)
    lunar = fields.Boolean(load_default=False)
    language = choice(LANGUAGES, load_default="zh_Hans_CN")
    email = fields.String(load_default=None)


class HouseholdForm(FormSchema):
    """A new household."""

    name = fields.String(required=True, error_messages={"required": "A household has a name of 1 to 80 characters."})
    day = day_field(required=True)


class HouseholdPersonForm(FormSchema):
    """One more person of a household."""

    number = fields.String(required=True, error_messages={"required": "Enter the customer number."})
    day = day_field(required=True)


class HolderForm(HouseholdPersonForm):
    """One more driver or payer of a vehicle."""

    role = choice(SECOND_ROLES, load_default="driver")
