"""What kinds and states of rules, and kinds of days, are called on pages."""

from flask_babel import lazy_gettext as _

KINDS = {
    "earning": _("Earning points"),
    "expiry": _("Expiry of points"),
    "refunds": _("Refunds"),
    "redemption": _("Redeeming points"),
    "tiers": _("Tiers"),
    "membership": _("Enrolment"),
}

STATES = {
    "draft": _("Draft"),
    "in_review": _("In review"),
    "active": _("Active"),
    "retired": _("Retired"),
}
TONES = {"draft": "line", "in_review": "due", "active": "ok", "retired": ""}

DAY_KINDS = {
    "workday": _("Workday"),
    "weekend": _("Weekend"),
    "holiday": _("Public holiday"),
    "make_up": _("Make-up workday"),
    "own_workday": _("Own workday"),
    "own_rest": _("Own rest day"),
}
