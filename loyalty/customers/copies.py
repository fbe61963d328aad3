"""The copy of everything about a person as people read it: tables with words, on one page to print, and as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response
from flask_babel import gettext, lazy_gettext

from loyalty.customers.rules import copy_parts, customer_number
from loyalty.customers.words import shown_numbers, word
from loyalty.web.formats import day, moment, number
from loyalty.web.languages import say

COLUMNS = {
    "number": lazy_gettext("Document number"),
    "name": lazy_gettext("Customer name"),
    "kind": lazy_gettext("Kind"),
    "gender": lazy_gettext("Form of address"),
    "birthday": lazy_gettext("Birthday"),
    "lunar": lazy_gettext("Lunar calendar"),
    "language": lazy_gettext("Language"),
    "state": lazy_gettext("State"),
    "store": lazy_gettext("Store"),
    "advisor": lazy_gettext("Service advisor"),
    "created_at": lazy_gettext("Since"),
    "value": lazy_gettext("Entry"),
    "at": lazy_gettext("When"),
    "purpose": lazy_gettext("Purpose"),
    "channel": lazy_gettext("Channel"),
    "granted": lazy_gettext("Agreed"),
    "text_version": lazy_gettext("Version of the text"),
    "proof": lazy_gettext("Proof"),
    "by_kind": lazy_gettext("By"),
    "vin": lazy_gettext("VIN"),
    "plate": lazy_gettext("Plate"),
    "model": lazy_gettext("Model"),
    "role": lazy_gettext("Relation"),
    "from_day": lazy_gettext("From day"),
    "until_day": lazy_gettext("Until day"),
    "day": lazy_gettext("Day"),
    "km": lazy_gettext("km"),
    "unit": lazy_gettext("Unit"),
    "points": lazy_gettext("Points"),
    "remaining": lazy_gettext("Left"),
    "reason": lazy_gettext("Reason"),
    "expires_at": lazy_gettext("Ends"),
    "text": lazy_gettext("What happened"),
    "line": lazy_gettext("Line"),
    "category": lazy_gettext("Category"),
    "quantity": lazy_gettext("Quantity"),
    "action": lazy_gettext("What was done"),
}
"""What a column is called; others stand under the name they have in the file."""


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the copy as it is shown."""

    title: str
    columns: list[str]
    rows: list[list[str]]


def tables(copy: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Table]:
    """Return the parts with something in them as tables, in their order."""
    shown = []
    for part in copy_parts():
        rows = [_told(row) for row in copy.get(part.name, ())]
        if rows:
            names = list(rows[0])
            titles = [str(COLUMNS.get(name, name.replace("_", " "))) for name in names]
            shown.append(Table(gettext(part.title), titles, [[_text(row[name]) for name in names] for row in rows]))
    return shown


def as_file(customer_id: int, copy: Mapping[str, Any]) -> Response:
    """Return the copy as a JSON file to keep."""
    text = json.dumps(copy, ensure_ascii=False, indent=1, default=str)
    name = f"{customer_number(customer_id)}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="application/json", headers=headers)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its sentence filled in, and amounts with their currency."""
    told = dict(row)
    if "sentence" in told:
        told["text"] = say(told.pop("sentence"), shown_numbers(told.pop("numbers")))
    currency = told.pop("currency", "")
    for name in [name for name in told if name.endswith("_minor")]:
        minor = told.pop(name)
        told[name.removesuffix("_minor")] = None if minor is None else f"{currency} {minor / 100:,.2f}"
    return told


def _text(value: Any) -> str:
    """Return a value as it is shown: moments and days of the store, words for codes, JSON for what has parts."""
    if value is None:
        return "--"
    for kind, shown in _SHOWN:
        if isinstance(value, kind):
            return str(shown(value))
    return word(str(value))


# In this order: a bool is an int too, and a moment a date.
_SHOWN: Sequence[tuple[Any, Callable[[Any], Any]]] = (
    (bool, lambda value: gettext("Yes") if value else gettext("No")),
    (datetime, moment),
    (date, day),
    (int, number),
    (list | dict, lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)
