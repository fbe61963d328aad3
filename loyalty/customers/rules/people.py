"""Customers: numbers, kinds, states, birthdays."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date

from loyalty.kernel.errors import Malformed, NotFound, Refused

KINDS = ("person", "company")
GENDERS = ("male", "female")
STATES = ("prospect", "active", "closed", "erased", "merged")
OPEN_STATES = ("prospect", "active")
LANGUAGES = ("zh_Hans_CN", "en")
VERSIONED = ("name", "kind", "gender", "birthday", "lunar", "language", "home_store_id", "advisor_id", "state")
"""The fields that a version of a customer's own data stands for."""
EARLIEST_BIRTHDAY = date(1900, 1, 1)

_NUMBER = re.compile(r"C-?(\d{1,18})", re.IGNORECASE | re.ASCII)
_MOVES = {
    "prospect": {"active", "closed"},
    "active": {"closed"},
    "closed": {"active"},
    "erased": frozenset(),
    "merged": frozenset(),
}


class CustomerNotFound(NotFound):
    """There is no such customer, or it lies outside the asker's stores."""

    code = "customers.not_found"
    sentence = "There is no customer {customer}."


class VehicleNotFound(NotFound):
    """There is no such vehicle, or it lies outside the asker's stores."""

    code = "customers.vehicle_not_found"
    sentence = "There is no vehicle {vehicle}."


class NumberTaken(Refused):
    """An external number names one customer of its source."""

    code = "customers.number_taken"
    sentence = "{source} has a customer {number} already, with other data. Change that one instead."


class ImpossibleMove(Refused):
    """A customer cannot go from this state to that one."""

    code = "customers.impossible_move"
    sentence = "A customer in the state {state} cannot become {asked}."


class ChangedMeanwhile(Refused):
    """Somebody else changed the customer after it was shown; what is there now has to be seen first."""

    code = "customers.changed_meanwhile"
    sentence = "Somebody else changed this customer in the meantime. Compare what is there now, and save again."


class NoSuchIdentifier(NotFound):
    """The customer has no such phone, address or card."""

    code = "customers.identifier_not_found"
    sentence = "This customer has no such phone, address or card any more."


class KnownIdentifier(Refused):
    """A customer has each phone, address and card once."""

    code = "customers.identifier_known"
    sentence = "This customer has this entry already."


def data_version(values: Sequence[object]) -> str:
    """Return a short text that differs when any of a customer's own fields differs."""
    return hashlib.sha256(repr([str(value) for value in values]).encode()).hexdigest()[:16]


def customer_number(customer_id: int) -> str:
    """Return the number made from an id: C-0012845."""
    return f"C-{customer_id:07d}"


def id_of_number(number: str) -> int | None:
    """Return the id a number is made from, or None when it has another form."""
    match = _NUMBER.fullmatch(number.strip())
    return int(match[1]) if match and int(match[1]) < 2**63 else None


def check_birthday(birthday: date, *, today: date) -> None:
    """Refuse, as malformed, a birthday in the future or before 1900."""
    if not EARLIEST_BIRTHDAY <= birthday <= today:
        raise Malformed({"birthday": ["A birthday lies between 1900 and today."]})


def check_move(state: str, asked: str) -> None:
    """Refuse a change of state that is not allowed; to stay is."""
    if asked != state and asked not in _MOVES[state]:
        raise ImpossibleMove(state=state, asked=asked)
