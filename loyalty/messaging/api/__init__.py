"""Messages, replies, receipts and templates for programs."""

from loyalty.messaging.api.hooks import operations as hooks
from loyalty.messaging.api.incoming import operations as incoming
from loyalty.messaging.api.messages import operations as messages
from loyalty.messaging.api.templates import operations as templates

OPERATIONS = (messages, incoming, templates, hooks)

__all__ = ["OPERATIONS"]
