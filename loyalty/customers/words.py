"""What codes of customers and vehicles are called on pages, and numbers and effects in the words of pages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext

from loyalty.kernel.effects import Effect
from loyalty.kernel.money import Money
from loyalty.web.languages import say

WORDS = {
    "person": lazy_gettext("Person"),
    "company": lazy_gettext("Company"),
    "male": lazy_gettext("Mr"),
    "female": lazy_gettext("Ms"),
    "prospect": lazy_gettext("Prospect"),
    "active": lazy_gettext("Current customer"),
    "closed": lazy_gettext("Account closed"),
    "erased": lazy_gettext("Erased"),
    "merged": lazy_gettext("Merged into another one"),
    "phone": lazy_gettext("Phone"),
    "email": lazy_gettext("E-mail"),
    "openid": lazy_gettext("WeChat openid"),
    "card": lazy_gettext("Card"),
    "sms": lazy_gettext("SMS"),
    "wechat": lazy_gettext("WeChat"),
    "all": lazy_gettext("All channels"),
    "privacy": lazy_gettext("Privacy notice"),
    "service": lazy_gettext("Service notices"),
    "marketing": lazy_gettext("Offers"),
    "passenger": lazy_gettext("Passenger car"),
    "van": lazy_gettext("Van"),
    "pickup": lazy_gettext("Pickup"),
    "truck": lazy_gettext("Truck"),
    "motorcycle": lazy_gettext("Motorcycle"),
    "household": lazy_gettext("Household"),
    "business": lazy_gettext("Business"),
    "commercial": lazy_gettext("Commercial"),
    "petrol": lazy_gettext("Petrol"),
    "diesel": lazy_gettext("Diesel"),
    "hybrid": lazy_gettext("Hybrid"),
    "plug_in": lazy_gettext("Plug-in hybrid"),
    "electric": lazy_gettext("Electric"),
    "other": lazy_gettext("Other"),
    "owner": lazy_gettext("Main owner"),
    "driver": lazy_gettext("Driver"),
    "payer": lazy_gettext("Payer"),
    "zh_Hans_CN": lazy_gettext("Chinese"),
    "en": lazy_gettext("English"),
    "hand": lazy_gettext("Entered by hand"),
    "system": lazy_gettext("automatic"),
}
"""What a code is called on pages."""


CHANNELS = {"phone": lazy_gettext("Phone call")}
"""What channels are called where the code alone would mean something else."""


def channel_word(code: str | None) -> str:
    """Return what a channel of consents is called."""
    return str(CHANNELS[code]) if code in CHANNELS else word(code)


def word(code: str | None) -> str:
    """Return what a code is called; unknown ones stand as they are."""
    return str(WORDS.get(code or "", code or ""))


def choices(codes: Sequence[str], *, empty: str | None = None) -> list[tuple[str, str]]:
    """Return (value, text) pairs for a field; `empty` is the text of no choice."""
    pairs = [(code, word(code)) for code in codes]
    return pairs if empty is None else [("", empty), *pairs]


def shown_details(details: Mapping[str, object]) -> dict[str, object]:
    """Return the details of a refusal with words for codes."""
    return {
        name: word(value) if isinstance(value, str) and value in WORDS else value for name, value in details.items()
    }


def shown_numbers(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a sentence with amounts and words in the place of codes; `say` writes figures out."""
    return {name: _shown(value) for name, value in numbers.items()}


def effect_texts(effects: Iterable[Effect]) -> list[str]:
    """Return what a call changed or would change, in the language of the page."""
    return [say(one.sentence, shown_numbers(one.numbers)) for one in effects]


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"minor", "currency"}:
        return Money(int(value["minor"]), str(value["currency"]))
    if isinstance(value, Mapping) and set(value) == {"sentence", "numbers"}:
        return say(value["sentence"], shown_numbers(value["numbers"]))
    return word(value) if isinstance(value, str) and value in WORDS else value
