"""What appointments, their states and topics are called on pages."""

from flask_babel import lazy_gettext as _

STATES = {
    "asked": _("Waiting for the store"),
    "confirmed": _("Confirmed"),
    "arrived": _("Car taken in"),
    "kept": _("Kept"),
    "missed": _("Nobody came"),
    "cancelled": _("Cancelled"),
}
TONES = {"asked": "due", "confirmed": "info", "arrived": "info", "kept": "ok", "missed": "over", "cancelled": "line"}
TOPICS = {
    "maintenance": _("Maintenance"),
    "repair": _("Repair"),
    "tyres": _("Tyres"),
    "inspection": _("Annual inspection"),
    "bodywork": _("Body and paint"),
    "other": _("Something else"),
}
ACTS = {
    "confirmed": (_("Confirm"), "check2"),
    "arrived": (_("Take the car in"), "box-arrow-in-right"),
    "kept": (_("Mark as kept"), "check2-circle"),
    "missed": (_("Mark as missed"), "x-circle"),
}
"""What staff do with an appointment: the button and its icon, by the state that it leads to."""

DONE = {
    "confirmed": _("The appointment is confirmed."),
    "arrived": _("The car is taken in."),
    "kept": _("The appointment is kept."),
    "missed": _("The appointment is marked as missed. A call to the owner stands in the list of tasks."),
}
