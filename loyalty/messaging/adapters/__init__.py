"""Carriers of messages."""

from collections.abc import Mapping

from loyalty.kernel.settings import Settings
from loyalty.messaging.adapters.console import ConsoleCarrier, ConsoleTexts, Inbox
from loyalty.messaging.ports import Carrier, TextSender

__all__ = ["ConsoleCarrier", "ConsoleTexts", "Inbox", "carriers", "text_sender"]


def carriers(settings: Settings) -> Mapping[str, Carrier]:
    """Return the carrier of each channel that the settings name; the sink where they name none."""
    sink = ConsoleTexts(settings.data_dir)
    return {
        "sms": ConsoleCarrier("sms", sink),
        "email": ConsoleCarrier("email", sink),
        "wechat": ConsoleCarrier("wechat", sink),
        "inbox": Inbox(),
    }


def text_sender(settings: Settings) -> TextSender:
    """Return who carries one-time codes."""
    return ConsoleTexts(settings.data_dir)
