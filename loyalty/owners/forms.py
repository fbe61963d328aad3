"""What owners type to sign in."""

from marshmallow import fields

from loyalty.web.forms import FormSchema


class LoginForm(FormSchema):
    """A phone, and what is agreed to."""

    phone = fields.String(required=True, error_messages={"required": "Enter your phone number."})
    privacy = fields.Boolean(
        required=True,
        error_messages={"required": "Please read the privacy notice and tick the box to go on."},
    )
    offers = fields.Boolean(load_default=False)


class CodeForm(FormSchema):
    """The code from the message."""

    code = fields.String(required=True, error_messages={"required": "Enter the code from the message."})
