"""Everything that is read of messages, templates and channels."""

from loyalty.messaging.queries.channels import (
    ChannelView,
    channels,
    drains_due,
    lock_channel,
    message_measures,
    sweeps_due,
)
from loyalty.messaging.queries.gate import asked, gate_at, hold_recipients, rest_days
from loyalty.messaging.queries.messages import (
    Filter,
    MessageView,
    Step,
    every_message,
    inbox,
    message,
    messages,
    resent_as,
    state_counts,
    steps_of,
)
from loyalty.messaging.queries.outlook import outlook
from loyalty.messaging.queries.replies import (
    ReplyView,
    customers_at,
    last_written_to,
    replies,
    reply,
    reply_by_provider,
    stands_for,
)
from loyalty.messaging.queries.templates import (
    TemplateView,
    lock_template,
    template,
    template_versions,
    templates,
    templates_by_names,
)

__all__ = [
    "ChannelView",
    "Filter",
    "MessageView",
    "ReplyView",
    "Step",
    "TemplateView",
    "asked",
    "channels",
    "customers_at",
    "drains_due",
    "every_message",
    "gate_at",
    "hold_recipients",
    "inbox",
    "last_written_to",
    "lock_channel",
    "lock_template",
    "message",
    "message_measures",
    "messages",
    "outlook",
    "replies",
    "reply",
    "reply_by_provider",
    "resent_as",
    "rest_days",
    "stands_for",
    "state_counts",
    "steps_of",
    "sweeps_due",
    "template",
    "template_versions",
    "templates",
    "templates_by_names",
]
