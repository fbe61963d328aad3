"""Personal values as the audit trail keeps them: it is never changed, so it must not hold what may have to go.

What is left tells that somebody changed a name or a birthday, and hints at which, but names nobody.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from loyalty.customers.rules.cars import shown_plate
from loyalty.customers.rules.phones import shown_phone


def masked_name(name: str) -> str:
    """Return a name of which the first character is shown: 王**."""
    return f"{name[:1]}**"


def masked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a customer as the audit trail keeps them: names by a hint, birthdays by their year."""
    return {field: _masked(field, value) for field, value in values.items()}


def _masked(field: str, value: Any) -> Any:
    if field == "name" and isinstance(value, str):
        return masked_name(value)
    if field == "birthday" and isinstance(value, date):
        return f"{value.year}-**-**"
    return value


def written_forms(kind: str, value: str) -> tuple[str, ...]:
    """Return every form in which people and files write a name, phone, plate or other trace of a person."""
    if kind == "phone":
        plain = value.removeprefix("+86")
        spaced = f"{plain[:3]} {plain[3:7]} {plain[7:]}"
        forms = (value, value.lstrip("+"), plain, spaced, spaced.replace(" ", "-"), shown_phone(value))
        return tuple(dict.fromkeys(forms))
    if kind == "plate":
        return (value, shown_plate(value), value.replace(value[:2], f"{value[:2]} ", 1))
    return (value,)
