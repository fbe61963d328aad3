"""What owners and staff type about appointments."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from loyalty.appointments.rules import LONGEST_KEY, LONGEST_NOTE, STEPS, TOPICS, Draft
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import MomentField

CHOOSE_TIME = "Choose a time."
LONGEST_MOMENT = 12  # signs of a moment in seconds behind the key of a form


class BookForm(FormSchema):
    """An appointment that is asked for; `vehicle` None when it is about none of the cars known."""

    starts = MomentField(required=True, error_messages={"required": CHOOSE_TIME})
    topic = fields.String(
        required=True, validate=validate.OneOf(TOPICS), error_messages={"required": "Choose what it is about."}
    )
    vehicle = fields.Integer(load_default=None)
    note = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_NOTE, error="Keep this to 500 characters.")
    )
    key = fields.String(required=True, validate=validate.Length(max=LONGEST_KEY - LONGEST_MOMENT))


def draft_of(values: Mapping[str, Any], customer_id: int, store_id: int) -> Draft:
    """Return what a BookForm asks for; sent again it is the same, and for another time another appointment."""
    starts = values["starts"]
    key = f"{values['key']}-{starts.timestamp():.0f}"
    return Draft(customer_id, store_id, starts, values["topic"], key, values["vehicle"], values["note"])


class MoveForm(FormSchema):
    """Another time."""

    starts = MomentField(required=True, error_messages={"required": CHOOSE_TIME})


class StepForm(FormSchema):
    """What became of an appointment; `seen` is the number of changes that the page knew of."""

    to = fields.String(required=True, validate=validate.OneOf([state.value for state in STEPS]))
    seen = fields.Integer(load_default=None)


class PlacesForm(FormSchema):
    """How many cars a store takes in at once."""

    places = fields.Integer(required=True, error_messages={"required": "Enter a number."})
