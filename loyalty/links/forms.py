"""The forms of the pages of links."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from loyalty.kernel.errors import Malformed
from loyalty.links.rules import Plan, parse_plan, plan_body
from loyalty.web.forms import FormSchema
from loyalty.web.json_fields import CodeField

MINUTE = 60


def _needed(sentence: str) -> dict[str, str | list[Any] | dict[Any, Any]]:
    return {"required": sentence}


class LinkForm(FormSchema):
    """A link of either kind."""

    code = CodeField(40, required=True, error_messages=_needed("Enter the code."))
    name = CodeField(60, required=True, error_messages=_needed("Enter the name."))
    source = CodeField(60, required=True, error_messages=_needed("Name the system that the numbers come from."))
    where = fields.String(load_default="all", validate=validate.OneOf(["all", "some"]))


class ViewForm(FormSchema):
    """Which view is read, and how often."""

    view = fields.String(required=True, error_messages=_needed("Enter the name of the view."))
    changed = CodeField(63, load_default="updated_at")
    deleted = CodeField(63, load_default=None)
    deleted_values = fields.String(load_default="", validate=validate.Length(max=200))
    every = fields.Integer(load_default=5, error_messages={"invalid": "Enter a whole number."})
    overlap = fields.Integer(load_default=15, error_messages={"invalid": "Enter a whole number."})
    window = fields.Integer(load_default=30, error_messages={"invalid": "Enter a whole number."})
    # By its name a form that waits for a sign-in leaves it out: see loyalty.web.kept.
    url_with_password = fields.String(load_default=None, validate=validate.Length(max=500))


class PullForm(LinkForm, ViewForm):
    """A new link that reads a view."""

    url_with_password = fields.String(
        required=True,
        validate=validate.Length(max=500),
        error_messages=_needed("Enter the address of the core database."),
    )


class RotationForm(FormSchema):
    """For how long the former secret stays in force."""

    hours = fields.Integer(load_default=24, error_messages={"invalid": "Enter a whole number."})


def plan_from(values: Mapping[str, Any], before: Plan | None = None) -> Plan:
    """Return the plan that a form describes, with the columns mapped before; Malformed by the form's fields."""
    marks = values["deleted_values"].replace("，", ",").split(",")
    body = {
        "view": values["view"],
        "changed": values["changed"],
        "deleted": values["deleted"],
        "deleted_values": [mark.strip() for mark in marks if mark.strip()],
        "every_seconds": values["every"] * MINUTE,
        "overlap_seconds": values["overlap"] * MINUTE,
        "window_days": values["window"],
        "mapping": plan_body(before)["mapping"] if before else None,
    }
    try:
        return parse_plan(body)
    except Malformed as problem:
        names = {"every_seconds": "every", "overlap_seconds": "overlap", "window_days": "window"}
        raise Malformed({names.get(place, place): told for place, told in problem.errors.items()}) from problem


def typed_from_plan(plan: Plan) -> dict[str, str]:
    """Return what the form holds for a plan; the address is never shown again."""
    return {
        "view": plan.view,
        "changed": plan.changed,
        "deleted": plan.deleted or "",
        "deleted_values": ", ".join(plan.deleted_values),
        "every": str(plan.every_seconds // MINUTE),
        "overlap": str(plan.overlap_seconds // MINUTE),
        "window": str(plan.window_days),
    }
