"""The tables of messages, templates, channels and replies."""

from loyalty.messaging.models.hooks import HookAttempt, HookDelivery, WebHook
from loyalty.messaging.models.house import AddressStop, ChannelState, Reply, Template, TemplateVersion
from loyalty.messaging.models.messages import Message, MessageAttempt, MessageReceipt, SendDecision

__all__ = [
    "AddressStop",
    "ChannelState",
    "HookAttempt",
    "HookDelivery",
    "Message",
    "MessageAttempt",
    "MessageReceipt",
    "Reply",
    "SendDecision",
    "Template",
    "TemplateVersion",
    "WebHook",
]
