"""What is asked for, and what the reminder says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.appointments.rules.states import TOPICS
from loyalty.kernel.errors import Malformed

LONGEST_NOTE = 500
LONGEST_KEY = 64
REMINDER = "appointment-reminder"

_ZH = "{name}，您预约了 {day} {time} 到{store}。如需改期或取消，请在“我的预约”里操作或致电门店。"
_EN = "{name}, you have an appointment at {store} on {day} at {time}. To move or cancel it, open your appointments."
_WORDS = {"zh_Hans_CN": {"text": _ZH}, "en": {"text": _EN}}
_LETTERS = {
    "zh_Hans_CN": {"text": _ZH, "subject": "明天的到店预约"},
    "en": {"text": _EN, "subject": "Your appointment tomorrow"},
}
REMINDER_TITLE = "到店预约提醒"
REMINDER_BODY: Mapping[str, Any] = {
    "variables": ["name", "store", "day", "time"],
    "texts": {"wechat": _WORDS, "sms": _WORDS, "email": _LETTERS, "inbox": _LETTERS},
}
"""The reminder as it is until somebody writes another version of it."""
REMINDER_KNOWS = frozenset({"name", "store", "day", "time"})
"""The values that it may ask for."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An appointment that is asked for; the same `key` of a customer makes it once."""

    customer_id: int
    store_id: int
    starts_at: datetime
    topic: str
    key: str
    vehicle_id: int | None = None
    note: str = ""


def check_draft(draft: Draft) -> None:
    """Refuse, as malformed, a topic that is none, a note or a key that is too long."""
    wrong: dict[str, list[str]] = {}
    if draft.topic not in TOPICS:
        wrong["topic"] = ["Choose what it is about."]
    if len(draft.note) > LONGEST_NOTE:
        wrong["note"] = ["Keep this to 500 characters."]
    if not 0 < len(draft.key) <= LONGEST_KEY:
        wrong["key"] = ["A key has 1 to 64 characters."]
    if wrong:
        raise Malformed(wrong)
