"""The bodies of the API of messages."""

from typing import Any

from marshmallow import Schema, fields, validate

from loyalty.messaging.rules import CHANNELS, PURPOSES, STATES
from loyalty.messaging.rules.hooks import KINDS
from loyalty.web.json_fields import CodeField, MomentField, StrictSchema, WholeField

MOST_RECEIPTS = 500


class MessagesQuery(StrictSchema):
    """Which messages to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    channel = fields.String(load_default=None, validate=validate.OneOf(CHANNELS))
    purpose = fields.String(load_default=None, validate=validate.OneOf(PURPOSES))
    customer = CodeField(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class MessageBody(Schema):
    """A message; `reason` is the rule by which it is held, denied or expired. Its text is on the page alone."""

    id = WholeField()
    customer = fields.String()
    template = fields.String()
    version = WholeField()
    purpose = fields.String()
    channel = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True)
    due_at = fields.String(metadata={"format": "date-time"})
    next_at = fields.String(metadata={"format": "date-time"})
    not_after = fields.String(allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    attempts = WholeField()
    reference = fields.String(allow_none=True)
    resends = WholeField(allow_none=True)


class MessagePage(Schema):
    """Some messages, and where the next ones begin."""

    items = fields.List(fields.Nested(MessageBody))
    next_cursor = fields.String(allow_none=True)


class NewMessageBody(StrictSchema):
    """A message to plan. The same key for the same customer plans nothing more and answers the same message."""

    key = fields.String(required=True, validate=validate.Length(1, 150))
    customer = CodeField(required=True)
    template = CodeField(required=True)
    variables = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=500)), load_default=dict
    )
    channel = fields.String(
        load_default=None,
        validate=validate.OneOf(CHANNELS),
        metadata={"description": "Left out: the first by which the customer can be reached."},
    )
    due_at = MomentField(load_default=None)
    not_after = MomentField(load_default=None)


class PlannedBody(Schema):
    """The planned message; `repeated` says that its key was known."""

    message = fields.Nested(MessageBody)
    repeated = fields.Boolean()


class SettleBody(StrictSchema):
    """Whether an unclear message was sent, and how that is known."""

    sent = fields.Boolean(required=True, truthy={True}, falsy={False})
    evidence = fields.String(required=True, validate=validate.Length(4, 500))


class ReceiptBody(StrictSchema):
    """What a provider tells of a message that it took over."""

    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    reference = fields.String(load_default=None, validate=validate.Length(1, 200))
    key = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^m[1-9][0-9]{0,17}$(?!\n)"),
        metadata={"description": "Our key of the message, where the provider gives it back (OutId): instead of it."},
    )
    kind = fields.String(required=True, validate=validate.OneOf(["delivered", "failed"]))
    at = MomentField(required=True)
    detail = fields.String(load_default=None, validate=validate.Length(max=200))
    bounced = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "The address takes no messages at all: nothing more is sent to it."},
    )


class ReceiptsBody(StrictSchema):
    """Up to 500 receipts; each counts once, those of unknown references are passed over."""

    receipts = fields.List(
        fields.Nested(ReceiptBody), required=True, validate=validate.Length(min=1, max=MOST_RECEIPTS)
    )


class ReceiptsAnswer(Schema):
    """How many messages the receipts moved."""

    moved = WholeField()


class IncomingBody(StrictSchema):
    """A reply; the same id of a channel counts once."""

    channel = fields.String(required=True, validate=validate.OneOf(["sms", "email", "wechat"]))
    id = fields.String(required=True, validate=validate.Length(1, 100))
    address = fields.String(required=True, validate=validate.Length(1, 200))
    text = fields.String(required=True, validate=validate.Length(max=2_000))
    received_at = MomentField(required=True)


class ReplyAnswer(Schema):
    """What became of a reply: a word of refusal opted out everybody with that address, other words wait for staff."""

    id = WholeField()
    opted_out = fields.Boolean()
    customers = WholeField()
    repeated = fields.Boolean()


class TemplateVersionBody(Schema):
    """A template with the version in use."""

    name = fields.String()
    title = fields.String()
    purpose = fields.String()
    retired = fields.Boolean()
    version = WholeField()
    body = fields.Dict()


class TemplateList(Schema):
    """All templates."""

    items = fields.List(fields.Nested(TemplateVersionBody))


BODY: dict[str, Any] = {
    "description": "`variables`, and `texts` by channel and language: zh_Hans_CN and en, each with `text`, and "
    "`subject` for email and inbox. `numbers` are the provider's own for its approved texts."
}


class NewTemplateBody(StrictSchema):
    """A template and its first version."""

    name = CodeField(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 80))
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    body = fields.Dict(required=True, metadata=BODY)


class NewVersionBody(StrictSchema):
    """The next version; `after` is the number of the version that its writer saw."""

    title = fields.String(required=True, validate=validate.Length(1, 80))
    body = fields.Dict(required=True, metadata=BODY)
    after = WholeField(required=True)


class NewHookBody(StrictSchema):
    """A system that is told of events; its address begins with https:// and is public."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    url = fields.String(required=True, validate=validate.Length(1, 500))
    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True, validate=validate.Length(min=1))


class ChangedHookBody(NewHookBody):
    """The same, and whether it is paused."""

    paused = fields.Boolean(required=True, truthy={True}, falsy={False})


class HookBody(Schema):
    """A webhook."""

    id = WholeField()
    name = fields.String()
    url = fields.String()
    kinds = fields.List(fields.String())
    paused = fields.Boolean()


class HookList(Schema):
    """All webhooks."""

    items = fields.List(fields.Nested(HookBody))


class HookSecretBody(Schema):
    """A new webhook with its secret."""

    webhook = fields.Nested(HookBody)
    secret = fields.String()


class PageQuery(StrictSchema):
    """Which page of a list."""

    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class HookDeliveryBody(Schema):
    """One event on its way to a webhook; `problem` says what the last try came to."""

    id = WholeField()
    event = fields.String()
    kind = fields.String()
    state = fields.String()
    attempts = WholeField()
    problem = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    ended_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class HookDeliveryPage(Schema):
    """Some deliveries, and where the next ones begin."""

    items = fields.List(fields.Nested(HookDeliveryBody))
    next_cursor = fields.String(allow_none=True)
