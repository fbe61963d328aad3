"""The copy of everything about a person as people read it: tables with words, on one page to print, and as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response
from flask_babel import gettext, lazy_gettext

from loyalty.customers.rules import copy_parts, customer_number
from loyalty.customers.words import WORDS, shown_numbers, word
from loyalty.staff.words import ACTIONS
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
    "level": lazy_gettext("Tier"),
    "level_before": lazy_gettext("Tier before"),
    "since_day": lazy_gettext("Since"),
    "joined_day": lazy_gettext("Member since"),
    "valid_to": lazy_gettext("Valid through"),
    "floor": lazy_gettext("Tier by hand"),
    "floor_until": lazy_gettext("Tier by hand until"),
    "outcome": lazy_gettext("Outcome"),
    "figures": lazy_gettext("Figures"),
    "paid_orders": lazy_gettext("Paid visits"),
    "net": lazy_gettext("Net amount"),
    "gross": lazy_gettext("Amount with tax"),
    "taken_from": lazy_gettext("Taken from"),
    "given_to": lazy_gettext("Given to"),
    "earned_at": lazy_gettext("Earned at"),
    "available_from": lazy_gettext("Usable from"),
    "until": lazy_gettext("Until day"),
    "rule": lazy_gettext("Rule"),
    "factor": lazy_gettext("Factor"),
    "version": lazy_gettext("Version"),
    "content": lazy_gettext("Content"),
    "seen_at": lazy_gettext("Last used"),
    "agent": lazy_gettext("Browser"),
    "address": lazy_gettext("Address"),
    "note": lazy_gettext("Note"),
    "decided_at": lazy_gettext("Decided at"),
}
"""What a column is called; others stand under the name they have in the file."""


CODES = {
    "points": lazy_gettext("Points"),
    "growth": lazy_gettext("Growth value"),
    "service": lazy_gettext("Service"),
    "sale": lazy_gettext("Sale"),
    "member": lazy_gettext("Membership"),
    "customer": lazy_gettext("Data"),
    "vehicle": lazy_gettext("Vehicle"),
    "consent": lazy_gettext("Consent"),
    "note": lazy_gettext("Note"),
    "call": lazy_gettext("Phone call"),
    "tier": lazy_gettext("Tier"),
    "earn": lazy_gettext("Earned"),
    "redeem": lazy_gettext("Redeemed"),
    "expire": lazy_gettext("Lapsed"),
    "transfer_in": lazy_gettext("Came over"),
    "transfer_out": lazy_gettext("Went over"),
    "issued": lazy_gettext("Programme"),
    "available": lazy_gettext("Usable"),
    "pending": lazy_gettext("Not yet usable"),
    "open": lazy_gettext("Open"),
    "exhausted": lazy_gettext("Used up"),
    "staff": lazy_gettext("Staff"),
    "client": lazy_gettext("API client"),
    "owner": lazy_gettext("Owner"),
}
"""What codes in the parts of upper features are called; those of consents have words of their own."""


OWN_CODES = frozenset({"person", "identifiers", "consents", "vehicles"})
"""The parts whose codes are those of customers."""


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
            codes = WORDS if part.name in OWN_CODES else CODES
            cells = [[_text(codes.get(str(row[name]), row[name])) for name in names] for row in rows]
            shown.append(Table(gettext(part.title), titles, cells))
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
    return str(ACTIONS.get(str(value)) or word(str(value)))


# In this order: a bool is an int too, and a moment a date.
_SHOWN: Sequence[tuple[Any, Callable[[Any], Any]]] = (
    (bool, lambda value: gettext("Yes") if value else gettext("No")),
    (datetime, moment),
    (date, day),
    (int, number),
    (list | dict, lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)
