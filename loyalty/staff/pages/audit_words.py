"""What the fields of an audit row are called, and how their values are read."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.staff.queries import AuditView
from loyalty.staff.words import PERMISSIONS, ROLES, WEEKDAYS, hours_text
from loyalty.web.languages import say_line

FIELDS: Mapping[str, Any] = {
    "active": _("Can sign in"),
    "address": _("Address"),
    "birthday": _("Birthday"),
    "channel": _("Channel"),
    "code": _("Code"),
    "codes_left": _("Recovery codes left"),
    "contact": _("Contact"),
    "currency": _("Currency"),
    "customer_id": _("Customer"),
    "day": _("Day"),
    "delivered_at": _("Delivered"),
    "dry_run": _("Only a check"),
    "effect": _("Effect"),
    "effective_from": _("In force from"),
    "email": _("E-mail"),
    "events": _("Events"),
    "file": _("File"),
    "former_until": _("Former one works until"),
    "from_day": _("From day"),
    "gender": _("Gender"),
    "gone": _("Merged away"),
    "granted": _("Agreed"),
    "gross_minor": _("Amount"),
    "holidays": _("Own holidays"),
    "home_store_id": _("Home store"),
    "household": _("Household members"),
    "joined_day": _("Joined"),
    "kept": _("Kept customer"),
    "key": _("Key"),
    "kind": _("Kind"),
    "km": _("Mileage"),
    "language": _("Language"),
    "level": _("Tier"),
    "list": _("List"),
    "merge": _("Merge"),
    "name": _("Title or name"),
    "note": _("Note"),
    "number": _("Reference"),
    "opening_hours": _("Opening hours"),
    "owner": _("Main owner"),
    "owner_id": _("Person in charge"),
    "permissions": _("Permissions"),
    "phone": _("Phone"),
    "phone_added": _("Phone added"),
    "plate": _("Plate"),
    "points": _("Points"),
    "purpose": _("Purpose"),
    "reason": _("Reason"),
    "refund": _("Refund"),
    "region": _("Region"),
    "role": _("Role"),
    "sales": _("Sales"),
    "sha256": _("Fingerprint"),
    "source": _("Source"),
    "state": _("State"),
    "store": _("Store"),
    "store_id": _("Store"),
    "store_ids": _("Stores"),
    "stores": _("Stores"),
    "to_day": _("To day"),
    "token": _("Token ends with"),
    "until": _("Until"),
    "url": _("Address"),
    "username": _("User name"),
    "value": _("Value"),
    "version": _("Version"),
    "works": _("Workday"),
    "zone": _("Time zone"),
}
"""What a field is called; others stand as the program names them."""

VALUES: dict[str, dict[str, Any]] = {
    "role": ROLES,
    "permissions": PERMISSIONS,
    "state": {
        "draft": _("Draft"),
        "in_review": _("In review"),
        "active": _("Active"),
        "retired": _("Retired"),
        "suspended": _("Suspended"),
        "closed": _("Closed"),
        "waiting": _("Waits for a second person"),
        "approved": _("Approved"),
        "returned": _("Returned"),
        "withdrawn": _("Withdrawn"),
    },
    "kind": {
        "points_adjustment": _("Points adjustment above the limit"),
        "programme_version": _("Version of the rules"),
        "tier_floor": _("Level by hand"),
    },
    "channel": {
        "phone": _("Phone call"),
        "sms": _("SMS"),
        "email": _("E-mail"),
        "wechat": _("WeChat"),
        "all": _("All channels"),
    },
    "purpose": {"marketing": _("Offers"), "service": _("Service notices"), "privacy": _("Privacy notice")},
}
"""What codes are called, by the field that has them."""


STORES = frozenset({"store_id", "store_ids", "stores", "home_store_id"})


def know(words: Mapping[str, Mapping[str, Any]]) -> None:
    """Let the values of fields be read by these words too: features above say what their codes mean."""
    for name, said in words.items():
        VALUES.setdefault(name, {}).update(said)


def field_name(code: str) -> str:
    """Return what a field is called."""
    return str(FIELDS.get(code) or WEEKDAYS.get(code) or code.replace("_", " "))


def changes(row: AuditView, stores: Mapping[int, str]) -> list[tuple[str, str | None, str | None]]:
    """Return what a row changed: the field, what it said before, and after it; None where it did not say anything."""
    before, after = row.before or {}, row.after or {}
    return [(field_name(code), _side(before, code, stores), _side(after, code, stores)) for code in {**before, **after}]


def changes_line(row: AuditView, stores: Mapping[int, str]) -> str:
    """Return what a row changed as one line of text, as a cell of a sheet has it."""
    told = []
    for name, before, after in changes(row, stores):
        told.append(f"{name}: {before} → {after}" if before and after else f"{name}: {after or before}")
    return str(gettext("; ")).join(told)


def _side(values: Mapping[str, Any], code: str, stores: Mapping[int, str]) -> str | None:
    if code not in values:
        return None
    value, currency = values[code], values.get("currency")
    if code.endswith("_minor") and isinstance(value, int) and currency:
        return Money(value, str(currency)).format()
    return value_text(code, value, stores)


def value_text(code: str, value: Any, stores: Mapping[int, str]) -> str:
    """Return a value as people read it; `stores` are names by id."""
    if value is None or value in ([], {}):
        return "--"
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, list):
        hours = code in WEEKDAYS and all(isinstance(one, str) for one in value)  # from, to
        return ("–" if hours else str(gettext(", "))).join(value_text(code, one, stores) for one in value)
    if isinstance(value, Mapping):
        return hours_text(value) if code == "opening_hours" else _inner(value, stores)
    if code in STORES and isinstance(value, int):
        return stores.get(value, str(value))
    found = VALUES.get(code, {}).get(value, value)
    return say_line(found) if isinstance(found, Sentence) else str(found)


def _inner(value: Mapping[str, Any], stores: Mapping[int, str]) -> str:
    if set(value) == {"minor", "currency"}:
        return Money(int(value["minor"]), str(value["currency"])).format()
    told = (f"{field_name(name)} {value_text(name, one, stores)}" for name, one in value.items())
    return str(gettext("; ")).join(told)
