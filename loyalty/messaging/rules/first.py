"""The texts that come with the product for what is said about a car, points and levels; people change them later.

Plans of follow-up may send those that ask for no more than customer, store, phone, vehicle and day.
"""

from collections.abc import Mapping
from typing import Any

CAR = ("customer", "store", "phone", "vehicle", "day")


def _everywhere(variables: tuple[str, ...], zh: tuple[str, str], en: tuple[str, str]) -> Mapping[str, Any]:
    """Return the body of a text on every channel; `zh` and `en` are subject and text."""
    said = {"zh_Hans_CN": zh, "en": en}
    plain = {language: {"text": text} for language, (_, text) in said.items()}
    titled = {language: {"subject": subject, "text": text} for language, (subject, text) in said.items()}
    used = [name for name in variables if any("{" + name + "}" in part for pair in (zh, en) for part in pair)]
    return {"variables": used, "texts": {"sms": plain, "wechat": plain, "email": titled, "inbox": titled}}


FIRST_TEXTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "delivery-follow-up": (
        "交车后回访",
        _everywhere(
            CAR,
            (
                "新车用得还好吗",
                "{customer}您好，您的爱车 {vehicle} 用得还顺手吗？有任何问题请联系{store}，电话 {phone}。",
            ),
            (
                "How is the new car",
                "Hello {customer}, how is your {vehicle}? Whatever the question, {store} is there: {phone}.",
            ),
        ),
    ),
    "service-follow-up": (
        "维修保养后回访",
        _everywhere(
            CAR,
            (
                "爱车状况如何",
                "{customer}您好，您的爱车 {vehicle} 到店后使用是否正常？如有疑问请联系{store}，电话 {phone}。",
            ),
            (
                "How is your car",
                "Hello {customer}, is your {vehicle} all right since its visit? {store} is there for you: {phone}.",
            ),
        ),
    ),
    "first-service-due": (
        "首保到期提醒",
        _everywhere(
            CAR,
            (
                "首次保养即将到期",
                "{customer}您好，您的爱车 {vehicle} 应在 {day} 前做首次保养。请联系{store}预约，电话 {phone}。",
            ),
            (
                "First service is coming up",
                "Hello {customer}, the first service of your {vehicle} is due by {day}. Call {store}: {phone}.",
            ),
        ),
    ),
    "maintenance-due": (
        "保养到期提醒",
        _everywhere(
            CAR,
            ("保养即将到期", "{customer}您好，您的爱车 {vehicle} 应在 {day} 前保养。请联系{store}预约，电话 {phone}。"),
            (
                "Maintenance is coming up",
                "Hello {customer}, maintenance of your {vehicle} is due by {day}. Call {store} for a time: {phone}.",
            ),
        ),
    ),
    "points-lapse-soon": (
        "积分即将到期提醒",
        _everywhere(
            ("customer", "points", "day"),
            ("积分即将到期", "{customer}您好，您有 {points} 积分将于 {day} 后到期，请在此之前使用。"),
            (
                "Points lapse soon",
                "Hello {customer}, {points} of your points can be used through {day} and lapse then.",
            ),
        ),
    ),
    "tier-up": (
        "会员升级通知",
        _everywhere(
            ("customer", "tier"),
            ("您已升级", "{customer}您好，您已升级为{tier}会员，新的权益可在会员中心查看。"),
            (
                "You moved up",
                "Hello {customer}, you are a {tier} member now. Your new benefits stand in the member pages.",
            ),
        ),
    ),
}
"""By name: the title, and the body of the first version; all of them are service notices and carry no offer."""
