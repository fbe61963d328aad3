"""The tables of messages, templates, channels and replies."""

from loyalty.messaging.models.hooks import HookAttempt, HookDelivery, WebHook
from loyalty.messaging.models.house import AddressStop, ChannelState, Reply, Template, TemplateDraftRow, TemplateVersion
from loyalty.messaging.models.messages import Message, MessageAttempt, MessageInquiry, MessageReceipt, SendDecision

__all__ = [
    "AddressStop",
    "ChannelState",
    "HookAttempt",
    "HookDelivery",
    "Message",
    "MessageAttempt",
    "MessageInquiry",
    "MessageReceipt",
    "Reply",
    "SendDecision",
    "Template",
    "TemplateDraftRow",
    "TemplateVersion",
    "WebHook",
]
