"""The forms of the staff pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields, validate

from loyalty.kernel.errors import Malformed
from loyalty.staff.rules import StoreDetails
from loyalty.staff.rules.stores import WEEKDAYS
from loyalty.web.forms import Filled, FormSchema
from loyalty.web.json_fields import CodeField, DayField
from loyalty.web.languages import say

_LONGEST_NAME = 60


def _needed(sentence: str) -> dict[str, str | list[Any] | dict[Any, Any]]:
    return {"required": sentence}


class StoreForm(FormSchema):
    """A store, with the hours of each weekday as text."""

    code = CodeField(20, required=True, error_messages=_needed("Enter the code."))
    name = CodeField(_LONGEST_NAME, required=True, error_messages=_needed("Enter the name."))
    zone = CodeField(60, load_default="Asia/Shanghai")
    currency = CodeField(3, load_default="CNY")
    phone = CodeField(30, load_default=None)
    email = fields.Email(load_default=None, error_messages={"invalid": "Write the e-mail address as name@example.com."})
    address = CodeField(200, load_default=None)
    contact = CodeField(_LONGEST_NAME, load_default=None)
    holidays = fields.String(load_default="", validate=validate.Length(max=4000))
    mon = fields.String(load_default="")
    tue = fields.String(load_default="")
    wed = fields.String(load_default="")
    thu = fields.String(load_default="")
    fri = fields.String(load_default="")
    sat = fields.String(load_default="")
    sun = fields.String(load_default="")


class StoreChangeForm(StoreForm):
    """What can be changed of a store."""

    code = fields.String(load_default="")  # type: ignore[assignment]  # shown, and never changed


class AccountForm(FormSchema):
    """A new account."""

    username = fields.String(required=True, error_messages=_needed("Enter the user name."))
    name = CodeField(_LONGEST_NAME, required=True, error_messages=_needed("Enter the name."))
    email = fields.Email(load_default=None, error_messages={"invalid": "Write the e-mail address as name@example.com."})
    password = fields.String(required=True, error_messages=_needed("Enter a password."))


class AccountChangeForm(FormSchema):
    """What can be changed of an account."""

    name = CodeField(_LONGEST_NAME, required=True, error_messages=_needed("Enter the name."))
    email = fields.Email(load_default=None, error_messages={"invalid": "Write the e-mail address as name@example.com."})


class RoleForm(FormSchema):
    """A role for an account; no store means all of them."""

    role = fields.String(required=True, error_messages=_needed("Choose a role."))
    store_id = fields.Integer(load_default=None)
    from_day = DayField(required=True, error_messages=_needed("Enter the first day."))
    to_day = DayField(load_default=None)


class PasswordForm(FormSchema):
    """Another password for somebody."""

    password = fields.String(required=True, error_messages=_needed("Enter a password."))


class OwnPasswordForm(PasswordForm):
    """Another password for oneself."""

    present = fields.String(required=True, error_messages=_needed("Enter the present password."))


class CodeForm(FormSchema):
    """A code of the second factor, and the page that was asked for."""

    code = fields.String(required=True, error_messages=_needed("Enter the code of the app."))
    next = fields.String(load_default="")


class ConfirmForm(FormSchema):
    """The password once more, and the page that was asked for."""

    password = fields.String(required=True, error_messages=_needed("Enter the password."))
    next = fields.String(load_default="")


class ClientForm(FormSchema):
    """A new API client; its permissions and stores come as lists beside it."""

    name = CodeField(_LONGEST_NAME, required=True, error_messages=_needed("Enter the name."))
    where = fields.String(
        required=True,
        validate=validate.OneOf(["all", "some"]),
        error_messages=_needed("Choose the stores."),
    )


class RotateForm(FormSchema):
    """For how many hours the present token opens the same beside the new one."""

    grace = fields.Integer(
        required=True,
        validate=validate.OneOf([0, 24, 168]),
        error_messages=_needed("Choose when the present token ends."),
    )


class CustomerNumberField(fields.Integer):
    """A customer by the number that pages show, C-0012845, or by its digits alone."""

    default_error_messages = {"invalid": "Write the number of the customer as C-0012845."}  # noqa: RUF012 - marshmallow's

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        text = str(value).strip().upper().removeprefix("C-")
        return int(super()._deserialize(text, attr, data, **kwargs))


class AuditFilterForm(FormSchema):
    """Which rows of the audit trail are asked for."""

    action = fields.String(load_default=None)
    actor = fields.String(load_default=None)
    subject = fields.String(load_default=None)
    subject_id = fields.Integer(load_default=None, error_messages={"invalid": "Enter a whole number."})
    customer_id = CustomerNumberField(load_default=None)
    store_id = fields.Integer(load_default=None, error_messages={"invalid": "Choose a store."})
    since = DayField(load_default=None)
    until = DayField(load_default=None)


def told(filled: Filled, problem: Malformed) -> Filled:
    """Return the form with what a rule found wrong with it, in the reader's language."""
    errors = {_field(place): [say(line) for line in lines] for place, lines in problem.errors.items()}
    return replace(filled, errors={**filled.errors, **errors})


def store_details(values: Mapping[str, Any]) -> StoreDetails:
    """Return what a store form says, but code, name, zone and currency."""
    hours = {day: values[day] for day in WEEKDAYS}
    kept = {name: values[name] for name in ("phone", "email", "address", "contact", "holidays")}
    return StoreDetails(**kept, opening_hours=hours)


def _field(place: str) -> str:
    """Return the field that a place belongs to: hours are one field for each weekday."""
    return place.removeprefix("opening_hours.")
