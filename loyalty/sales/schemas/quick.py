"""Reading a sale that is right at a glance, without the schema's machinery.

A sale by the API is the busiest way in, and the schema takes longer than the database. This reader takes only what is
plainly right, of exact types and without rare forms; for anything else it answers None and the schema decides, which
then also says what is wrong. A test holds the two together.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loyalty.kernel.clock import YEARS
from loyalty.kernel.money import EXPONENTS, LARGEST_MINOR
from loyalty.sales.rules import KINDS, CustomerFact, LineFact, SaleFact, VehicleFact

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}")
_REQUIRED = frozenset({"source", "number", "kind", "store", "customer", "occurred_at", "lines"})
_KNOWN = _REQUIRED | {"vehicle", "odometer", "points_paid", "delivered_at"}
_LINE = frozenset({"number", "sku", "category", "quantity", "gross", "net", "tax", "discount"})
_AMOUNT = frozenset({"minor", "currency"})
_MOST_LINES = 500


class _Unsure(Exception):
    """The schema has to look at it."""


def quick_sale(body: object) -> SaleFact | None:
    """Return the sale when every part is plainly right, else None."""
    try:
        return _sale(body)
    except _Unsure:
        return None


def _sale(body: object) -> SaleFact:
    if type(body) is not dict or not (body.keys() >= _REQUIRED and body.keys() <= _KNOWN):
        raise _Unsure
    lines = body["lines"]
    if type(lines) is not list or not 0 < len(lines) <= _MOST_LINES or body["kind"] not in KINDS:
        raise _Unsure
    currency = _currency(lines[0])
    delivered = body.get("delivered_at")
    return SaleFact(
        source=_code(body["source"]),
        number=_code(body["number"]),
        kind=body["kind"],
        store=_code(body["store"]),
        customer=_customer(body["customer"]),
        occurred=_moment(body["occurred_at"]),
        currency=currency,
        lines=tuple([_line(line, currency) for line in lines]),
        vehicle=_vehicle(body.get("vehicle")),
        odometer=_whole(body.get("odometer")),
        points_paid_minor=_minor(body.get("points_paid"), currency) or 0,
        delivered=None if delivered is None else _moment(delivered),
    )


def _code(value: Any) -> str:
    if type(value) is not str or not _CODE.fullmatch(value):
        raise _Unsure
    return value


def _name(value: Any) -> str | None:
    """Return a text that is trimmed and short already, or None when it is not given."""
    if value is None:
        return None
    if type(value) is not str or not 0 < len(value) <= 80 or value != value.strip() or not value.isprintable():  # noqa: PLR2004 - as the schema has it
        raise _Unsure
    return value


def _customer(value: Any) -> CustomerFact:
    if type(value) is not dict or not value.keys() <= {"number", "name", "phone"}:
        raise _Unsure
    phone = value.get("phone")
    return CustomerFact(_code(value.get("number")), _name(value.get("name")), None if phone is None else _code(phone))


def _vehicle(value: Any) -> VehicleFact | None:
    if value is None:
        return None
    if type(value) is not dict or not value.keys() <= {"vin", "model"}:
        raise _Unsure
    vin = _code(value.get("vin"))
    if len(vin) > 32:  # noqa: PLR2004 - as the schema has it
        raise _Unsure
    return VehicleFact(vin, None, _name(value.get("model")))


def _moment(value: Any) -> datetime:
    if type(value) is not str:
        raise _Unsure
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _Unsure from None
    if moment.tzinfo is None or moment.year not in YEARS:
        raise _Unsure
    return moment.astimezone(UTC)


def _currency(line: Any) -> str:
    gross = line.get("gross") if type(line) is dict else None
    currency = gross.get("currency") if type(gross) is dict else None
    if type(currency) is not str or currency not in EXPONENTS:
        raise _Unsure
    return currency


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= LARGEST_MINOR:
        raise _Unsure
    return value


def _minor(value: Any, currency: str) -> int | None:
    if value is None:
        return None
    if type(value) is not dict or value.keys() != _AMOUNT or value["currency"] != currency:
        raise _Unsure
    return _whole(value["minor"])


def _line(line: Any, currency: str) -> LineFact:
    if type(line) is not dict or not line.keys() <= _LINE or None in line.values():
        raise _Unsure
    number, quantity = line.get("number"), line.get("quantity", 1)
    gross = _minor(line.get("gross"), currency)
    if type(number) is not int or type(quantity) is not int or gross is None or not 0 <= quantity <= 10**9:
        raise _Unsure
    net, tax = _minor(line.get("net"), currency), _minor(line.get("tax"), currency)
    if net is None:
        net = gross - (tax or 0)
    return LineFact(
        number,
        None if "sku" not in line else _code(line["sku"]),
        _code(line.get("category", "other")),
        Decimal(quantity),
        net,
        gross - net if tax is None else tax,
        gross,
        _minor(line.get("discount"), currency) or 0,
    )
