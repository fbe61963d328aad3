"""How pages name what links are and bring."""

from flask_babel import lazy_gettext as _

KINDS = {"webhook": _("Signed events"), "pull": _("View of the core database")}

STATES = {
    "active": (_("Active"), "ok"),
    "paused": (_("Paused"), "due"),
    "unmapped": (_("Columns to be mapped"), "due"),
    "problem": (_("Needs attention"), "over"),
    "unreachable": (_("Unreachable"), "over"),
}

ITEMS = {
    "sale": _("Sale"),
    "refund": _("Refund"),
    "cancellation": _("Cancellation"),
    "delivery": _("Delivery"),
    "reading": _("Mileage"),
}

OUTCOMES = {
    "created": _("New"),
    "corrected": _("Corrected"),
    "same": _("Known, unchanged"),
    "rejected": _("Rejected"),
    "passed_over": _("Older than known"),
    "created_gone": _("Cancelled, as deleted there"),
}

PASSAGES = {
    "done": (_("Done"), "ok"),
    "due": (_("Waiting"), "info"),
    "stuck": (_("Given up"), "over"),
    "failed": (_("Not finished"), "over"),
}
