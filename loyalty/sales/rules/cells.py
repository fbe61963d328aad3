"""What single cells of a file say; a cell that cannot be read says why and what to write instead."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from loyalty.kernel.clock import YEARS
from loyalty.kernel.money import EXPONENTS
from loyalty.sales.rules.facts import When

MERGED = "\x01"
"""Stands before the text of a cell that only repeats the one above, because the two are merged."""

MOST_MINOR = 10**13


_AMOUNT = re.compile(r"(-?)([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?", re.ASCII)
_QUANTITY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,3}0*)?", re.ASCII)
_WHOLE = re.compile(r"([0-9]{1,9})(\.0+)?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:[ T]+(.+))?", re.ASCII)


class Unreadable(Exception):
    """A cell cannot be read; it carries what is wrong with it."""

    def __init__(self, sentence: str, **numbers: object) -> None:
        super().__init__(sentence)
        self.sentence, self.numbers = sentence, numbers


def read_amount(cell: str, currency: str) -> int:
    """Return the amount in minor units: plain digits, with or without thousands, no more decimals than there are."""
    match = _AMOUNT.fullmatch(cell)
    if match is None:
        raise _no_number(cell, "“{value}” is not an amount; write it in plain digits, such as 1234.50.")
    sign, whole, part = match.groups()
    if sign:
        raise Unreadable("“{value}” is below 0; what goes back is a refund, not a sale.", value=cell)
    digits = EXPONENTS[currency]
    decimals = (part or "").rstrip("0")
    if len(decimals) > digits:
        sentence = "“{value}” has more decimals than {currency} has ({digits})."
        raise Unreadable(sentence, value=cell, currency=currency, digits=digits)
    minor = int(whole.replace(",", "") + decimals.ljust(digits, "0"))
    if minor > MOST_MINOR:
        raise Unreadable("“{value}” is too large.", value=cell)
    return minor


def _no_number(cell: str, sentence: str) -> Unreadable:
    if cell.startswith(MERGED):
        return Unreadable("This cell is merged with the one above; unmerge them and give each row its own.")
    plain = unicodedata.normalize("NFKC", cell)
    if plain != cell and _AMOUNT.fullmatch(plain):
        return Unreadable("“{value}” is in full-width digits; write {plain}.", value=cell, plain=plain)
    return Unreadable(sentence, value=cell)


def read_quantity(cell: str) -> Decimal:
    """Return a quantity of 0 or more with at most 3 decimals."""
    if not _QUANTITY.fullmatch(cell):
        raise _no_number(cell, "“{value}” is not a quantity; write a number from 0 with at most 3 decimals.")
    return Decimal(cell)


def read_whole(cell: str) -> int:
    """Return a whole number of 0 or more."""
    match = _WHOLE.fullmatch(cell)
    if match is None:
        raise _no_number(cell, "“{value}” is not a whole number.")
    return int(match[1])


def read_currency(cell: str) -> str:
    """Return the code of a currency that is known."""
    if cell not in EXPONENTS:
        raise Unreadable("“{value}” is not a currency code such as CNY or USD.", value=cell)
    return cell


@lru_cache(maxsize=4096)
def read_when(cell: str, form: str | None = None) -> When:
    """Return the day, or the local moment where a time stands beside it; `form` as in strptime comes first."""
    if form is not None and (formed := _formed(cell, form)) is not None:
        return formed
    match = _DAY.fullmatch(cell)
    if match is None:
        raise Unreadable("“{value}” is not a date; write it as 2026-03-12.", value=cell)
    year, month, number, time = match.groups()
    try:
        day = date(int(year) if int(year) in YEARS else 0, int(month), int(number))
    except ValueError:
        raise Unreadable("“{value}” is not a day of the calendar.", value=cell) from None
    if time is None:
        return day
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{time.strip().zfill(5)}")
    except ValueError:
        raise Unreadable("“{value}” is not a time; write it as 2026-03-12 14:08.", value=cell) from None


def _formed(cell: str, form: str) -> When | None:
    try:
        moment = datetime.strptime(cell, form)  # noqa: DTZ007 - a time without zone is the store's own
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment if "%H" in form or "%I" in form else moment.date()
