"""Carriers of messages."""

from collections.abc import Mapping

from loyalty.kernel.settings import Settings
from loyalty.messaging.adapters.aliyun import Aliyun, AliyunCodes
from loyalty.messaging.adapters.aliyun_list import AliyunList
from loyalty.messaging.adapters.console import ConsoleCarrier, ConsoleTexts, Inbox
from loyalty.messaging.adapters.hooks import Hook
from loyalty.messaging.adapters.mail import Mail
from loyalty.messaging.adapters.wechat import WeChat
from loyalty.messaging.ports import Carrier, TextSender, Ways

__all__ = [
    "Aliyun",
    "AliyunCodes",
    "AliyunList",
    "ConsoleCarrier",
    "ConsoleTexts",
    "Hook",
    "Inbox",
    "Mail",
    "WeChat",
    "ways",
]


def ways(settings: Settings) -> Ways:
    """Return how everything leaves this installation."""
    sms = _aliyun(settings)
    tellers = {} if sms is None else {"sms": AliyunList(sms)}
    return Ways(_text_sender(settings), _carriers(settings), Hook, settings.public_url, tellers)


def _carriers(settings: Settings) -> Mapping[str, Carrier]:
    """Return the carrier of each channel that the settings name; the sink where they name none."""
    sink = ConsoleTexts(settings.data_dir)
    return {
        "sms": _aliyun(settings) or ConsoleCarrier("sms", sink),
        "email": Mail(settings.mail_url, settings.mail_from) if settings.mail_url else ConsoleCarrier("email", sink),
        "wechat": _wechat(settings) or ConsoleCarrier("wechat", sink),
        "inbox": Inbox(),
    }


def _text_sender(settings: Settings) -> TextSender:
    """Return who carries one-time codes: the SMS gateway where it has an approved text for them, else the sink."""
    gateway, sink = _aliyun(settings), ConsoleTexts(settings.data_dir)
    return sink if gateway is None else AliyunCodes(gateway, settings.sms_code_template, sink)


def _aliyun(settings: Settings) -> Aliyun | None:
    if not settings.sms_key_id:
        return None
    return Aliyun(settings.sms_key_id, settings.sms_key_secret, settings.sms_sign, settings.sms_url)


def _wechat(settings: Settings) -> WeChat | None:
    if not settings.wechat_app_id:
        return None
    return WeChat(settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_url)
