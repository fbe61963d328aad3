"""The forms of rules and of the work calendar."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from marshmallow import fields, validate

from loyalty.kernel.clock import day_at, midnight
from loyalty.kernel.errors import Malformed
from loyalty.programme.rules.tables import EVERYWHERE
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import CodeField, DayField

GROUP_ZONE = "Asia/Shanghai"
LONGEST_NUMBER = 18


class VersionForm(FormSchema):
    """The rules of a version as JSON; no day means from the approval on."""

    kind = fields.String(load_default="")
    rules = fields.String(load_default="")
    from_day = DayField(load_default=None)


class DayForm(FormSchema):
    """The first day of a version; none means from the approval on."""

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


class TableForm(FormSchema):
    """The head of a table of facts; its rows are read by its columns."""

    kind = fields.String(load_default="")
    region = fields.String(load_default=EVERYWHERE)
    valid_from = DayField(load_default=None)
    valid_to = DayField(load_default=None)
    source = fields.String(load_default="")
    certainty = fields.String(load_default="")
    remark = fields.String(load_default="")


def read_rules(typed: str, uploaded: bytes) -> Any:
    """Return the JSON that was uploaded, or else typed; Malformed at `rules` when it is none."""
    try:
        return json.loads(uploaded.decode("utf-8-sig") if uploaded else typed)
    except UnicodeDecodeError:
        raise Malformed({"rules": ["The file is not UTF-8 text."]}) from None
    except json.JSONDecodeError as wrong:
        place = _("Line %(line)d, column %(column)d: this is not JSON.", line=wrong.lineno, column=wrong.colno)
        raise Malformed({"rules": [place]}) from None


def beginning(values: dict[str, Any], known: datetime | None = None) -> datetime | None:
    """Return the moment at which the day of a form begins for the group, None for no day.

    A moment that was `known` before and falls on that day stays as it is: a program may have asked for an hour.
    """
    day: date | None = values["from_day"]
    if day is None:
        return None
    return known if known is not None and day_at(known, GROUP_ZONE) == day else midnight(day, GROUP_ZONE)


def first_day(moment: datetime | None) -> str:
    """Return what the field for the first day begins with."""
    return day_at(moment, GROUP_ZONE).isoformat() if moment else ""


def number_of(values: Mapping[str, str], name: str) -> int:
    """Return the number of a thing that an address names; 0, which nothing has, for whatever is none."""
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0
