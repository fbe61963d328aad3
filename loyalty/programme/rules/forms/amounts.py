"""Fields of forms of rules for money and shares."""

from dataclasses import dataclass
from typing import Any, ClassVar

from loyalty.kernel.errors import Malformed, Sentence
from loyalty.kernel.money import EXPONENTS, Money, parse_amount
from loyalty.programme.rules.forms.fields import USUAL_CURRENCY, Leaf, Sheet
from loyalty.programme.rules.forms.phrases import Phrase, Raw


@dataclass(frozen=True, kw_only=True)
class Percent(Leaf):
    """A share in basis points, typed in per cent."""

    widget: ClassVar[str] = "percent"
    mistake: ClassVar[str | None] = "Write a share in per cent from 0.01 to 100, with at most two decimals."

    def text_of(self, value: Any, _sheet: Sheet, _name: str) -> str:
        """Return the share in per cent."""
        return f"{value // 100}.{value % 100:02d}".removesuffix(".00") if isinstance(value, int) else str(value)

    def value_of(self, text: str, _sheet: Sheet, _name: str) -> Any:
        """Return the share in basis points."""
        return _minor(text, USUAL_CURRENCY)

    def phrase(self, value: Any, sheet: Sheet, name: str) -> Phrase:
        """Return the share in per cent."""
        return Sentence("{percent} %", percent=Raw(self.text_of(value, sheet, name)))


@dataclass(frozen=True, kw_only=True)
class Minor(Leaf):
    """An amount in minor units of a currency that stands elsewhere: the nearest field of one of `currency_at`."""

    widget: ClassVar[str] = "money"
    mistake: ClassVar[str | None] = "Write an amount above 0, such as 1234.50."
    currency_at: tuple[str, ...] = ("currency",)

    def currency(self, sheet: Sheet, name: str) -> str:
        """Return the currency that the amount is in."""
        parent = name
        while parent:
            parent = parent.rpartition(".")[0]
            for key in self.currency_at:
                found = sheet.get(f"{parent}.{key}" if parent else key)
                if found in EXPONENTS:
                    return str(found)
        return USUAL_CURRENCY

    def text_of(self, value: Any, sheet: Sheet, name: str) -> str:
        """Return the amount in major units."""
        return _plain(value, self.currency(sheet, name))

    def value_of(self, text: str, sheet: Sheet, name: str) -> Any:
        """Return the amount in minor units."""
        return _minor(text, self.currency(sheet, name))

    def phrase(self, value: Any, sheet: Sheet, name: str) -> Phrase:
        """Return the amount with its currency."""
        return Money(value, self.currency(sheet, name))


@dataclass(frozen=True, kw_only=True)
class Amount(Leaf):
    """An amount with its currency, as {"minor": 100, "currency": "CNY"}."""

    widget: ClassVar[str] = "amount"
    mistake: ClassVar[str | None] = "Write an amount above 0, such as 1234.50."

    def put(self, value: Any, sheet: Sheet, name: str) -> None:
        """Write the amount and its currency."""
        given = value if isinstance(value, dict) else {}
        currency = given.get("currency", USUAL_CURRENCY)
        sheet[f"{name}.currency"] = currency
        sheet[name] = _plain(given["minor"], currency) if "minor" in given else ""

    def get(self, sheet: Sheet, name: str) -> Any:
        """Return the amount as bodies have it; without the figure when none was typed."""
        currency = sheet.get(f"{name}.currency", USUAL_CURRENCY)
        text = sheet.get(name, "")
        return {"currency": currency} | ({"minor": _minor(text, currency)} if text else {})

    def phrase(self, value: Any, _sheet: Sheet, _name: str) -> Phrase:
        """Return the amount with its currency."""
        return Money(value["minor"], value["currency"])


def _minor(text: str, currency: str) -> Any:
    try:
        return parse_amount(text, currency).minor
    except Malformed:
        return text


def _plain(minor: Any, currency: str) -> str:
    known = isinstance(minor, int) and not isinstance(minor, bool) and currency in EXPONENTS
    return Money(minor, currency).plain() if known else str(minor)
