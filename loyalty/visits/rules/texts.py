"""The texts of messages that the usual plan sends, as a dealer begins with them; people change them afterwards."""

from collections.abc import Mapping
from typing import Any

from loyalty.visits.rules.usual import INSPECTION_ENDS, INSPECTION_OPENS, THANKS


def _everywhere(zh: str, en: str, subject_zh: str, subject_en: str, variables: list[str]) -> dict[str, Any]:
    plain = {"zh_Hans_CN": {"text": zh}, "en": {"text": en}}
    titled = {"zh_Hans_CN": {"text": zh, "subject": subject_zh}, "en": {"text": en, "subject": subject_en}}
    return {"variables": variables, "texts": {"sms": plain, "wechat": plain, "email": titled, "inbox": titled}}


USUAL_TEXTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    THANKS: (
        "交车次日感谢",
        _everywhere(
            "{customer}您好，感谢您选择{store}。用车有任何问题，随时联系我们，祝您一路平安。",
            "Hello {customer}, thank you for choosing {store}. Call us whenever you have a question. Drive safely.",
            "感谢您选择我们",
            "Thank you",
            ["customer", "store"],
        ),
    ),
    INSPECTION_OPENS: (
        "年检可办理通知",
        _everywhere(
            "{customer}您好，您的爱车 {vehicle} 需在 {day} 前办理年检，现在已可办理。如需协助，请联系{store}。",
            "Hello {customer}, your car {vehicle} is to be inspected by {day}, and it can be done from now on. {store} "
            "helps you with it.",
            "年检可以办理了",
            "Inspection can be done",
            ["customer", "vehicle", "day", "store"],
        ),
    ),
    INSPECTION_ENDS: (
        "年检到期提醒",
        _everywhere(
            "{customer}您好，您的爱车 {vehicle} 需在 {day} 前办理年检，请尽快安排。如已办理请忽略。{store}",
            "Hello {customer}, your car {vehicle} is to be inspected by {day}. Please arrange it soon, unless it is "
            "done already. {store}",
            "年检即将到期",
            "Inspection is coming up",
            ["customer", "vehicle", "day", "store"],
        ),
    ),
}
"""By name: the title, and the texts by channel and language."""
