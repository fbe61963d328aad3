"""What states and triggers of follow-up plans are called on pages, and how they look."""

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
TRIGGERS = {"delivery": _("Delivery"), "service": _("Service")}
