"""The tables of messages, templates, channels and replies."""

from loyalty.messaging.models.house import AddressStop, ChannelState, Reply, Template, TemplateVersion
from loyalty.messaging.models.messages import Message, MessageAttempt, MessageReceipt, SendDecision

__all__ = [
    "AddressStop",
    "ChannelState",
    "Message",
    "MessageAttempt",
    "MessageReceipt",
    "Reply",
    "SendDecision",
    "Template",
    "TemplateVersion",
]
