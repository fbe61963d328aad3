"""What may be done with messages."""

from loyalty.messaging.queries import outlook
from loyalty.messaging.service.channels import set_channel
from loyalty.messaging.service.drafting import activate_draft, discard_draft, save_draft
from loyalty.messaging.service.forgetting import cancel_all, forget_people
from loyalty.messaging.service.hook_outbox import sweep as sweep_hooks
from loyalty.messaging.service.hooks import (
    NewEvent,
    change_hook,
    create_hook,
    deliver,
    publish,
    replay,
    rotate_hook,
    sweep_deliveries,
)
from loyalty.messaging.service.inquiring import inquire, inquiries_due
from loyalty.messaging.service.outbox import expire, sweep
from loyalty.messaging.service.planning import cancel, plan
from loyalty.messaging.service.replies import (
    Incoming,
    Received,
    handle_reply,
    opt_out,
    opt_out_by_link,
    receive_reply,
)
from loyalty.messaging.service.sending import drain
from loyalty.messaging.service.settling import ReceiptTold, cancel_message, mark_read, record_receipts, resend, settle
from loyalty.messaging.service.stops import follow_addresses
from loyalty.messaging.service.templates import (
    TemplateDraft,
    create_template,
    ensure_templates,
    ensure_texts,
    set_retired,
    write_version,
)

__all__ = [
    "Incoming",
    "NewEvent",
    "ReceiptTold",
    "Received",
    "TemplateDraft",
    "activate_draft",
    "cancel",
    "cancel_all",
    "cancel_message",
    "change_hook",
    "create_hook",
    "create_template",
    "deliver",
    "discard_draft",
    "drain",
    "ensure_templates",
    "ensure_texts",
    "expire",
    "follow_addresses",
    "forget_people",
    "handle_reply",
    "inquire",
    "inquiries_due",
    "mark_read",
    "opt_out",
    "opt_out_by_link",
    "outlook",
    "plan",
    "publish",
    "receive_reply",
    "record_receipts",
    "replay",
    "resend",
    "rotate_hook",
    "save_draft",
    "set_channel",
    "set_retired",
    "settle",
    "sweep",
    "sweep_deliveries",
    "sweep_hooks",
    "write_version",
]
