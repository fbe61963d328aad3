"""Numbers of the papers by which a person or a company is known, recognised by their form and check digits.

Resident identity cards of the mainland (18 digits, or 15 of the old ones), passports, permits for Hong Kong, Macau and
Taiwan, identity cards of Hong Kong, and unified social credit codes, which a person's own business has too. A permit
of Taiwan's people has eight digits and no mark, as days and orders do; it is recognised only where it is named.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final

_EDGE, _END = r"(?<![0-9A-Za-z-])", r"(?![0-9A-Za-z])"
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"
_COMPANY_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_COMPANY_MODULUS: Final = len(_COMPANY_SIGNS)


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def is_resident(number: str) -> bool:
    """Return whether 18 signs are the number of a resident: a province, a day of birth, and the check digit."""
    if not _PROVINCES.match(number) or not _is_day(number[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, number, strict=False))
    return number[17].upper() == _RESIDENT_CHECKS[total % 11]


def is_old_resident(number: str) -> bool:
    """Return whether 15 digits are the number of a resident as it was until 1999."""
    return _PROVINCES.match(number) is not None and _is_day("19" + number[6:12])


def is_company(code: str) -> bool:
    """Return whether 18 signs are a unified social credit code, with its check sign."""
    values = [_COMPANY_SIGNS.find(sign) for sign in code.upper()]
    total = sum(value * pow(3, place, _COMPANY_MODULUS) for place, value in enumerate(values[:17]))
    return min(values) >= 0 and values[17] == -total % _COMPANY_MODULUS


def is_no_day(number: str) -> bool:
    """Return whether the eight digits after a letter are no day of this century, as in C20260312."""
    digits = number[1:9]
    return not (digits.startswith("20") and _is_day(digits))


_FORMS: Final[Sequence[tuple[re.Pattern[str], Callable[[str], bool]]]] = (
    (re.compile(rf"{_EDGE}[1-9]\d{{5}}[ -]?\d{{8}}[ -]?\d{{3}}[0-9Xx]{_END}"), is_resident),
    (re.compile(rf"{_EDGE}[1-9]\d{{14}}{_END}"), is_old_resident),
    (re.compile(rf"{_EDGE}(?:[159][1239]|Y1)\d{{6}}[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]{{10}}{_END}"), is_company),
    # Passports of now and before; permits to and from Hong Kong and Macau (C, W; H, M) and to Taiwan (L, T).
    (re.compile(rf"{_EDGE}(?:[EGCWHMLT]\d{{8}}|[HM]\d{{10}}){_END}", re.IGNORECASE), is_no_day),
    (re.compile(rf"{_EDGE}(?:[EC][A-HJ-NP-Z]|DE|SE|PE|MA)\d{{7}}{_END}", re.IGNORECASE), bool),
    (re.compile(rf"{_EDGE}[A-Z]{{1,2}}\d{{6}}\([0-9A]\)", re.IGNORECASE), bool),
)


def names_papers(text: str) -> bool:
    """Return whether the number of such a paper stands in a text; one joined to what is before by a hyphen is none."""
    return any(fits(_plain(found[0])) for form, fits in _FORMS for found in form.finditer(text))


def without_papers(text: str, instead: str) -> str:
    """Return a text with the numbers of such papers written over."""
    for form, fits in _FORMS:
        text = form.sub(partial(_written_over, fits, instead), text)
    return text


def _written_over(fits: Callable[[str], bool], instead: str, found: re.Match[str]) -> str:
    return instead if fits(_plain(found[0])) else found[0]


def _plain(number: str) -> str:
    return number.replace(" ", "").replace("-", "")
