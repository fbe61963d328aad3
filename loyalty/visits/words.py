"""What states, triggers and channels of follow-up plans are called on pages, and how they look."""

from flask_babel import lazy_gettext as _

PLAN_STATES = {"active": _("Under way"), "stopped": _("Stopped"), "void": _("Void")}
TONES = {"active": "info", "stopped": "", "void": "line"}
STEP_STATES = {
    "planned": _("Planned"),
    "opened": _("With a person"),
    "done": _("Done"),
    "missed": _("Missed"),
    "void": _("Void"),
    "stopped": _("Stopped"),
}
STEP_TONES = {"opened": "due", "done": "ok", "missed": "over", "void": "line", "stopped": "line"}
TRIGGERS = {
    "delivery": _("Delivery"),
    "service": _("Service"),
    "inspection": _("Inspection"),
    "complaint": _("Closed complaint"),
}
DAYS = {**TRIGGERS, "inspection": _("Inspection due by")}
"""What the day of a plan is, by its trigger."""

CHANNELS = {
    "phone": _("Phone call"),
    "best": _("Message"),
    "sms": _("SMS"),
    "wechat": _("WeChat"),
    "email": _("E-mail"),
    "inbox": _("Inbox"),
}
EXCEPTIONS = {
    "": _("Not known"),
    "none": _("None of them: the law’s dates hold"),
    "some": _("One of them: only the official date counts"),
}
