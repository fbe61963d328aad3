"""Phones, e-mail addresses, openids and cards: one form to store, one way to show."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from loyalty.kernel.errors import Malformed

IDENTIFIER_KINDS = ("phone", "email", "openid", "card")
SHORTEST_TAIL = 4

_MOBILE = re.compile(r"1[3-9]\d{9}")
_HOME = re.compile(r"(?:\+|00)?86(?=1[3-9]\d{9}$)")
_SPACES = re.compile(r"[\s().\-·]+")
_EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_OPENID = re.compile(r"[\w-]{6,64}", re.ASCII)
_CARD = re.compile(r"[0-9a-z-]{4,32}")


@lru_cache(maxsize=8192)  # a chunk of a file asks for each twice: to check it and to store it
def normal_phone(typed: str) -> str:
    """Return a phone as +8613812345678; numbers without a country are read as Chinese ones.

    Malformed unless such a number can exist.
    """
    digits = _HOME.sub("", _SPACES.sub("", unicodedata.normalize("NFKC", typed)))
    if _MOBILE.fullmatch(digits):
        return f"+86{digits}"
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number) or number.country_code in {0, None}:
        raise Malformed({"phone": ["Enter a phone number as 138 1234 5678, 020 8123 4567 or +852 5123 4567."]})
    if number.country_code == 86 and digits.lstrip("+").removeprefix("86").startswith("1"):  # noqa: PLR2004 (China)
        raise Malformed({"phone": ["A mobile number has 11 digits and begins with 13 to 19."]})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_identifier(kind: str, typed: str) -> str:
    """Return an identifier as it is stored and compared; malformed when it cannot be one of its kind."""
    if kind == "phone":
        return normal_phone(typed)
    text = unicodedata.normalize("NFKC", typed).strip()
    if kind == "email" and _EMAIL.fullmatch(text.lower()):
        return text.lower()
    if kind == "openid" and _OPENID.fullmatch(text):
        return text
    if kind == "card" and _CARD.fullmatch(text.lower()):
        return text.lower()
    raise Malformed({kind if kind in IDENTIFIER_KINDS else "kind": [_ADVICE.get(kind, "Choose one of the kinds.")]})


_ADVICE = {
    "email": "Enter an e-mail address as name@example.com.",
    "openid": "An openid has 6 to 64 letters, digits, hyphens and underscores.",
    "card": "A card number has 4 to 32 letters, digits and hyphens.",
}


def tail(kind: str, value: str) -> str | None:
    """Return the last four characters, which may be stored in the clear and searched; None for other kinds."""
    return value[-SHORTEST_TAIL:] if kind in {"phone", "card"} else None


def masked(kind: str, value: str) -> str:
    """Return an identifier as it is shown before anyone asks for all of it: 138****5678."""
    if kind == "email" and "@" in value:
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    plain = value.removeprefix("+86") if kind == "phone" else value
    if kind == "phone" and _MOBILE.fullmatch(plain):
        return f"{plain[:3]}****{plain[-4:]}"
    return f"{plain[:2]}****{plain[-SHORTEST_TAIL:]}"


def shown_phone(value: str) -> str:
    """Return a stored phone as people write it: 138 1234 5678, others with their country."""
    plain = value.removeprefix("+86")
    if _MOBILE.fullmatch(plain):
        return f"{plain[:3]} {plain[3:7]} {plain[7:]}"
    number = phonenumbers.parse(value)
    home = number.country_code == 86  # noqa: PLR2004 (China)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
