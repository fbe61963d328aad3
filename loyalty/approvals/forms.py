"""What staff type about requests."""

from marshmallow import fields, validate

from loyalty.approvals.rules import LONGEST_NOTE
from loyalty.web.forms import FormSchema


class ApproveForm(FormSchema):
    """A yes to the effect that the page showed."""

    seen = fields.String(required=True, validate=validate.Length(max=64))


class ReturnForm(FormSchema):
    """A no, with the note that who asked reads."""

    note = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_NOTE, error="Keep this to 500 characters."),
        error_messages={"required": "Say why the request is returned; whoever asked reads it."},
    )
