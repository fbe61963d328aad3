"""Money: whole minor units with a currency, so that no sum is ever off by a rounding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from loyalty.kernel.errors import Malformed, Sentence

# Minor digits by ISO 4217 for the currencies that a dealer group is likely to book in; others are refused by name.
EXPONENTS = {
    "CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "MOP": 2, "TWD": 2, "SGD": 2, "MYR": 2, "THB": 2, "AUD": 2,
    "CAD": 2, "CHF": 2, "JPY": 0, "KRW": 0, "VND": 0,
}  # fmt: skip
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
LARGEST_MINOR = 2**53 - 1  # whole numbers that every JSON reader keeps exactly

_PLAIN = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?", re.ASCII)


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met; a fault of the program, never of its user."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of `minor` units (fen, cents) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        """Return the sum; both must be of one currency."""
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> "Money":
        """Return the difference; both must be of one currency."""
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        """Return the amount with the other sign."""
        return Money(-self.minor, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def share(self, basis_points: int) -> "Money":
        """Return `basis_points` / 10 000 of the amount, halves rounded away from zero."""
        sign = -1 if self.minor * basis_points < 0 else 1
        doubled = 2 * abs(self.minor * basis_points)
        return Money(sign * ((doubled + 10_000) // 20_000), self.currency)

    def plain(self) -> str:
        """Return the amount in major units without symbol or grouping: 1234.00."""
        digits = exponent(self.currency)
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        if digits == 0:
            return f"{sign}{whole}"
        return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"

    def format(self) -> str:
        """Return the amount as people read it: ¥1,234.00."""
        digits = exponent(self.currency)
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        part = f".{whole % 10**digits:0{digits}d}" if digits else ""
        symbol = SYMBOLS.get(self.currency, f"{self.currency} ")
        return f"{sign}{symbol}{whole // 10**digits:,}{part}"


def exponent(currency: str) -> int:
    """Return how many minor digits `currency` has; an unknown one is Malformed."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise Malformed(
            {
                "currency": [
                    Sentence(
                        "The currency {currency!r} is not known. Use one of {known}.",
                        currency=currency,
                        known=", ".join(sorted(EXPONENTS)),
                    )
                ]
            }
        ) from None


def parse_amount(text: str, currency: str, *, place: str = "amount") -> Money:
    """Return the amount written as 1234.5, 1,234.50 or -3; Malformed (at `place`) for anything else.

    Full-width digits, other scripts' digits, exponents and more decimals than the currency has are refused, since a
    guess about money is worse than a question.
    """
    digits = exponent(currency)
    match = _PLAIN.fullmatch(text.strip())
    if match is None:
        raise Malformed(
            {place: [Sentence("{text!r} is not an amount. Write it in plain digits, such as 1234.50.", text=text)]}
        )
    part = (match["part"] or "").rstrip("0")
    if len(part) > digits:
        raise Malformed(
            {
                place: [
                    Sentence(
                        "{text!r} has more decimals than {currency} has ({digits}).",
                        text=text,
                        currency=currency,
                        digits=digits,
                    )
                ]
            }
        )
    minor = int(match["whole"].replace(",", "")) * 10**digits + int(part.ljust(digits, "0") or "0")
    if minor > LARGEST_MINOR:
        raise Malformed({place: [Sentence("{text!r} is too large.", text=text)]})
    return Money(-minor if match["sign"] else minor, currency)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Return `total` ≥ 0 split in proportion to `weights` ≥ 0 by largest remainder; the parts sum to `total` exactly.

    Equal remainders go to the earlier weight, so the same input always gives the same parts. With no weight above 0
    the whole goes to the first part.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("spread takes no negative numbers")
    whole = sum(weights)
    if not weights:
        return []
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in order[:left]:
        parts[index] += 1
    return parts
