"""The forms of rules and of the work calendar."""

import json
from typing import Any

from flask_babel import gettext as _
from marshmallow import fields, validate

from loyalty.kernel.clock import midnight
from loyalty.kernel.errors import Malformed
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import CodeField, DayField

GROUP_ZONE = "Asia/Shanghai"


class VersionForm(FormSchema):
    """The rules of a version as JSON; no day means from the approval on."""

    kind = fields.String(load_default="")
    rules = fields.String(load_default="")
    from_day = DayField(load_default=None)


class OwnDayForm(FormSchema):
    """A day that the dealer works, or rests, whatever the published list says."""

    day = DayField(required=True, error_messages={"required": "Enter the day."})
    works = fields.String(
        required=True,
        validate=validate.OneOf(["yes", "no"]),
        error_messages={"required": "Choose what the day is."},
    )
    name = CodeField(60, required=True, error_messages={"required": "Enter what the day is called."})


def read_rules(typed: str, uploaded: bytes) -> Any:
    """Return the JSON that was uploaded, or else typed; Malformed at `rules` when it is none."""
    try:
        return json.loads(uploaded.decode("utf-8-sig") if uploaded else typed)
    except UnicodeDecodeError:
        raise Malformed({"rules": ["The file is not UTF-8 text."]}) from None
    except json.JSONDecodeError as wrong:
        place = _("Line %(line)d, column %(column)d: this is not JSON.", line=wrong.lineno, column=wrong.colno)
        raise Malformed({"rules": [place]}) from None


def beginning(values: dict[str, Any]) -> Any:
    """Return the moment at which the day of a version form begins for the group, or None."""
    return midnight(values["from_day"], GROUP_ZONE) if values["from_day"] else None
