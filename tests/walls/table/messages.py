"""Messages: seen and acted on within the stores of their customers; templates and channels are the group's."""

from tests.walls.mail import BODY
from tests.walls.row import GROUP, OPEN, OWNER, read, write

LINK = "the link itself is the proof"
TEMPLATE = {
    "name": "walled-two",
    "title": "Two",
    "purpose": "service",
    "text-sms-zh_Hans_CN": "好",
    "text-sms-en": "Good",
}
NEXT = {"title": "Next", "after": "1", "text-sms-zh_Hans_CN": "好", "text-sms-en": "Good"}
DRAFTED = NEXT | {"after": "0", "edition": "1"}
SEEN = {"edition": "1"}
RECEIPT = {"channel": "sms", "reference": "nobody", "kind": "delivered", "at": "2026-03-12T10:00:00+08:00"}
REPLY = {
    "channel": "sms",
    "id": "walls-1",
    "address": "13700000000",
    "text": "好的",
    "received_at": "2026-03-12T10:00:00+08:00",
}


HOOK = {"name": "CRM", "url": "https://crm.example/hook", "kinds": "reply.arrived"}
HOOK_BODY = HOOK | {"kinds": ["reply.arrived"]}


def planned(target):
    return {"key": "walls", "customer": target["number"], "template": "walls"}


ROWS = {
    "GET /staff/messages": read("messages.read", lists="customers"),
    "GET /staff/messages/export.xlsx": read("exports.run", lists="customers", also="messages.read"),
    "GET /staff/messages/<int:message_id>": read("messages.read", "due message"),
    "POST /staff/messages/<int:message_id>/cancel": write("messages.send", "due message"),
    "POST /staff/messages/<int:message_id>/resend": write("messages.send", "failed message"),
    "POST /staff/messages/<int:message_id>/settle": write(
        "messages.send", "unknown message", sends={"outcome": "sent", "evidence": "asked by phone"}
    ),
    "GET /staff/messages/replies": read("messages.read", lists="customers"),
    "POST /staff/messages/replies/<int:reply_id>": write("messages.send", "reply", sends={"note": "called"}),
    "GET /staff/messages/channels/<channel>": read("messages.manage", "channel", alone=GROUP),
    "POST /staff/messages/channels/<channel>": write("messages.manage", "channel", alone=GROUP),
    "GET /staff/templates": read("messages.read"),
    "GET /staff/templates/new": read("messages.manage"),
    "POST /staff/templates/new": write("messages.manage", sends=TEMPLATE),
    "GET /staff/templates/drafts/<name>": read("messages.read", "text draft", alone=GROUP),
    "GET /staff/templates/drafts/<name>/edit": read("messages.manage", "text draft", alone=GROUP),
    "POST /staff/templates/drafts/<name>/edit": write("messages.manage", "text draft", sends=DRAFTED, alone=GROUP),
    "POST /staff/templates/drafts/<name>/activate": write("messages.manage", "text draft", sends=SEEN, alone=GROUP),
    "POST /staff/templates/drafts/<name>/discard": write("messages.manage", "text draft", sends=SEEN, alone=GROUP),
    "GET /staff/templates/<name>": read("messages.read", "template", alone=GROUP),
    "GET /staff/templates/<name>/edit": read("messages.manage", "template", alone=GROUP),
    "POST /staff/templates/<name>/edit": write("messages.manage", "template", sends=NEXT, alone=GROUP),
    "POST /staff/templates/<name>/retire": write("messages.manage", "template", sends={"retired": "1"}, alone=GROUP),
    "GET /my/inbox": read(OWNER),
    "POST /my/inbox/read": write(OWNER),
    "GET /u/<token>": read(OPEN, "opt-out link", alone=LINK),
    "POST /u/<token>": write(OPEN, "opt-out link", alone=LINK),
    "GET /api/v1/messages": read("messages.read", lists="customer numbers"),
    "POST /api/v1/messages": write("messages.send", "customer", sends=planned),
    "GET /api/v1/messages/<int:message_id>": read("messages.read", "due message"),
    "POST /api/v1/messages/<int:message_id>:cancel": write("messages.send", "due message"),
    "POST /api/v1/messages/<int:message_id>:resend": write("messages.send", "failed message"),
    "POST /api/v1/messages/<int:message_id>:settle": write(
        "messages.send", "unknown message", sends={"sent": True, "evidence": "asked by phone"}
    ),
    "POST /api/v1/messages/receipts": write("messages.receive", sends={"receipts": [RECEIPT]}),
    "POST /api/v1/messages/replies": write("messages.receive", sends=REPLY),
    "GET /staff/webhooks": read("webhooks.read"),
    "GET /staff/webhooks/new": read("webhooks.manage"),
    "POST /staff/webhooks/new": write("webhooks.manage", sends=HOOK),
    "GET /staff/webhooks/<int:hook_id>": read("webhooks.read", "receiver", alone=GROUP),
    "GET /staff/webhooks/<int:hook_id>/edit": read("webhooks.manage", "receiver", alone=GROUP),
    "POST /staff/webhooks/<int:hook_id>/edit": write("webhooks.manage", "receiver", sends=HOOK, alone=GROUP),
    "POST /staff/webhooks/<int:hook_id>/secret": write("webhooks.manage", "receiver", alone=GROUP),
    "POST /staff/webhooks/<int:hook_id>/deliveries/<int:delivery_id>/replay": write(
        "webhooks.manage", "hook delivery", alone=GROUP
    ),
    "GET /api/v1/webhooks": read("webhooks.read"),
    "POST /api/v1/webhooks": write("webhooks.manage", sends=HOOK_BODY),
    "PUT /api/v1/webhooks/<int:hook_id>": write(
        "webhooks.manage", "receiver", sends=HOOK_BODY | {"paused": False}, alone=GROUP
    ),
    "GET /api/v1/webhooks/<int:hook_id>/deliveries": read("webhooks.read", "receiver", alone=GROUP),
    "POST /api/v1/webhooks/<int:hook_id>/deliveries/<int:delivery_id>:replay": write(
        "webhooks.manage", "hook delivery", alone=GROUP
    ),
    "GET /api/v1/message-templates": read("messages.read"),
    "POST /api/v1/message-templates": write(
        "messages.manage", sends={"name": "walled-three", "title": "Three", "purpose": "service", "body": BODY}
    ),
    "GET /api/v1/message-templates/<name>": read("messages.read", "template", alone=GROUP),
    "PUT /api/v1/message-templates/<name>": write(
        "messages.manage", "template", sends={"title": "Next", "body": BODY, "after": 1}, alone=GROUP
    ),
}
