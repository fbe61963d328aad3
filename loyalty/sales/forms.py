"""The page on which columns are mapped, read into a mapping."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from loyalty.sales.rules import FIELDS, FileMapping, guess_columns
from loyalty.web.forms import FormSchema


class ImportForm(FormSchema):
    """What stands beside the columns."""

    source = fields.String(load_default="", validate=validate.Length(max=64))
    amount = fields.String(load_default="gross", validate=validate.OneOf(["gross", "net"]))
    customers = fields.String(load_default="create", validate=validate.OneOf(["create", "must_exist"]))
    name = fields.String(load_default="", validate=validate.Length(max=60))


def mapping_from_form(values: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the mapping that the form describes; its parts may still be wrong."""
    columns = {}
    for name in FIELDS:
        column, value = typed.get(f"column-{name}", ""), typed.get(f"value-{name}", "")
        if column or value:
            columns[name] = {part: text for part, text in (("column", column), ("value", value)) if text}
    return {
        "source": values["source"],
        "amount": values["amount"],
        "customers": values["customers"],
        "columns": columns,
    }


def typed_from_mapping(mapping: FileMapping) -> dict[str, str]:
    """Return what the form holds for a mapping."""
    typed = {"source": mapping.source, "amount": mapping.amount, "customers": mapping.customers}
    for name, column in mapping.columns.items():
        typed[f"column-{name}"] = column.column or ""
        typed[f"value-{name}"] = column.value or ""
    return typed


def typed_from_header(header: list[str]) -> dict[str, str]:
    """Return what the form holds for a file that is new: guesses by the names in its header."""
    return {f"column-{name}": column for name, column in guess_columns(header).items()}


def errors_of_form(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the errors of a mapping by the fields of the form."""
    return {place.replace("columns.", "column-"): told for place, told in errors.items()}
