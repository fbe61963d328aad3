"""What states of requests are called on pages, and how they look."""

from flask_babel import lazy_gettext as _

STATES = {
    "waiting": _("Waits for a second person"),
    "approved": _("Approved"),
    "returned": _("Returned"),
    "withdrawn": _("Withdrawn"),
}
TONES = {"waiting": "due", "approved": "ok", "returned": "over", "withdrawn": ""}
