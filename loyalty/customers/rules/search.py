"""What a text typed into the search field may mean."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loyalty.customers.rules.cars import VIN_TAIL, normal_plate, normal_vin
from loyalty.customers.rules.names import folded
from loyalty.customers.rules.people import id_of_number
from loyalty.customers.rules.phones import SHORTEST_TAIL, normal_identifier, normal_phone
from loyalty.kernel.errors import Malformed

LONGEST_SEARCH = 80
_LONGEST_TAIL = 10
_PLATE_LENGTHS = (6, 7)


@dataclass(frozen=True, slots=True)
class Probes:
    """The ways to read a text; None where it cannot be read so.

    `prefixes` are beginnings of search keys, `tail` is the end of a phone (at least 4 digits), `plate_end` a plate
    without its province.
    """

    prefixes: tuple[str, ...] = ()
    customer_id: int | None = None
    external_number: str | None = None
    phone: str | None = None
    email: str | None = None
    tail: str | None = None
    vin: str | None = None
    vin_tail: str | None = None
    plate: str | None = None
    plate_end: str | None = None


NumberReader = Callable[[str], int | None]
_readers: list[NumberReader] = []


def register_numbers(readers: Sequence[NumberReader]) -> None:
    """Set who else reads a number as a customer's id, such as that of a member; wiring.py calls it once."""
    _readers[:] = readers


def _customer_id(typed: str) -> int | None:
    """Return the id of the customer that a number names, in whatever way, or None."""
    return next((at for read in (id_of_number, *_readers) if (at := read(typed)) is not None), None)


def probes(text: str) -> Probes:
    """Return every reading of what was typed; an empty `Probes` when there is nothing to look for."""
    typed = unicodedata.normalize("NFKC", text).strip()[:LONGEST_SEARCH]
    bare = folded(typed)
    if not bare:
        return Probes()
    digits = bare if bare.isascii() and bare.isdigit() else None
    numeric = digits is not None
    return Probes(
        prefixes=() if numeric else _prefixes(bare),
        customer_id=_customer_id(typed),
        external_number=typed,
        phone=_read("phone", typed) if re.fullmatch(r"[+\d][\d\s().-]{6,}", typed) else None,
        email=_read("email", typed) if "@" in typed else None,
        tail=digits if digits and SHORTEST_TAIL <= len(digits) <= _LONGEST_TAIL else None,
        vin=_read("vin", typed),
        vin_tail=bare.upper() if bare.isascii() and len(bare) == VIN_TAIL else None,
        plate=_read("plate", typed),
        plate_end=bare.upper() if bare.isascii() and len(bare) in _PLATE_LENGTHS else None,
    )


def _prefixes(bare: str) -> tuple[str, ...]:
    """Return the beginnings of keys a text without digits alone may be: name, and for Latin letters pinyin."""
    return (f"n:{bare}", f"p:{bare}", f"i:{bare}") if bare.isascii() else (f"n:{bare}",)


def _read(kind: str, typed: str) -> str | None:
    """Return the normal form of `typed` as a phone, e-mail address, VIN or plate, or None when it is not one."""
    readers: dict[str, Callable[[str], str]] = {"phone": normal_phone, "vin": normal_vin, "plate": normal_plate}
    try:
        return readers[kind](typed) if kind in readers else normal_identifier(kind, typed)
    except Malformed:
        return None


def after(prefix: str) -> str:
    """Return the least text above everything that begins with `prefix`, in code point order."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
