"""What kinds and states of rules, and kinds of days, are called on pages."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.programme.rules.forms import Joined, Offered, Phrase, Series, Together
from loyalty.programme.rules.tables import KINDS as TABLE_KINDS
from loyalty.programme.rules.tables import REGION_TEXTS
from loyalty.web import formats
from loyalty.web.languages import in_chinese, say

KINDS = {
    "earning": _("Earning points"),
    "expiry": _("Expiry of points"),
    "refunds": _("Refunds"),
    "redemption": _("Redeeming points"),
    "tiers": _("Tiers"),
    "membership": _("Enrolment"),
    "follow-up": _("Follow-up plans"),
}

CODES: Mapping[str, Mapping[str, Any]] = {
    "kind": {**KINDS, **{kind.code: Sentence(kind.title) for kind in TABLE_KINDS}},
    "region": {code: Sentence(name) for code, name in REGION_TEXTS.items()},
}
"""What the codes in rows of the audit trail are called, by the field that has them."""

STATES = {
    "draft": _("Draft"),
    "in_review": _("In review"),
    "active": _("Active"),
    "retired": _("Retired"),
}
TONES = {"draft": "line", "in_review": "due", "active": "ok", "retired": ""}

DAY_KINDS = {
    "workday": _("Workday"),
    "weekend": _("Weekend"),
    "holiday": _("Public holiday"),
    "make_up": _("Make-up workday"),
    "own_workday": _("Own workday"),
    "own_rest": _("Own rest day"),
    "store_rest": _("Closing day of the store"),
}

# One character in the year's page beside the day's figure, so that colour is not alone.
DAY_MARKS = {
    "holiday": _("off"),
    "make_up": _("on"),
    "own_workday": _("on"),
    "own_rest": _("off"),
    "store_rest": _("shut"),
}
DAY_ACTIONS = {
    "calendar.day_set": _("Own day set"),
    "calendar.day_unset": _("Own day removed"),
}

STEPS = {
    "version.drafted": _("Draft written"),
    "version.revised": _("Draft changed"),
    "version.submitted": _("Submitted for review"),
    "version.sent_back": _("Sent back"),
    "version.activated": _("Approved"),
    "version.loaded": _("Loaded from a file"),
    "version.withdrawn": _("Withdrawn"),
}
TABLE_STEPS = {
    "table.drafted": _("Draft written"),
    "table.revised": _("Draft changed"),
    "table.submitted": _("Submitted for review"),
    "table.sent_back": _("Sent back"),
    "table.activated": _("Approved"),
    "table.retired": _("Retired"),
    "table.loaded": _("Loaded from a file"),
}
CERTAINTY_TONES = {"seen": "ok", "weak": "due", "derived": "info", "general": "due"}
CHANGES = {
    "same": ("", ""),
    "changed": (_("changed"), "due"),
    "added": (_("added"), "ok"),
    "removed": (_("removed"), "over"),
}


def speaker(offers: Mapping[str, Mapping[str, Phrase]]) -> Callable[[Phrase], str]:
    """Return a function that says a phrase in the reader's language, with the names that are offered at this moment."""

    def word(phrase: Any) -> str:
        if isinstance(phrase, Sentence):
            return say(phrase.pattern, {name: _detail(value) for name, value in phrase.details.items()})
        if isinstance(phrase, Offered):
            found = offers.get(phrase.source, {}).get(phrase.code)
            return phrase.code if found is None else word(found)
        if isinstance(phrase, Joined | Series | Together):
            return _between(phrase).join(word(one) for one in phrase)
        if isinstance(phrase, Mapping):
            return str(phrase["zh" if in_chinese() else "en"])
        return _plain(phrase)

    def _detail(value: Any) -> Any:
        return value if isinstance(value, int | Money | datetime) else word(value)

    return word


def _between(phrase: Joined | Series | Together) -> str:
    if isinstance(phrase, Joined):
        return "、" if in_chinese() else ", "
    if isinstance(phrase, Series):
        return "；" if in_chinese() else "; "
    return "" if in_chinese() else " "


def _plain(value: Any) -> str:
    if isinstance(value, Money):
        return formats.money(value)
    if isinstance(value, date):
        return formats.day(value)
    return formats.number(value) if isinstance(value, int) else str(value)
