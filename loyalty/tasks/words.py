"""What states, acts and views of tasks are called on pages, and how they look."""

from flask_babel import lazy_gettext as _

STATES = {
    "planned": _("Planned"),
    "ready": _("To be contacted"),
    "open": _("To be contacted"),
    "in_progress": _("In progress"),
    "done": _("Done"),
    "no_contact": _("Given up without contact"),
    "rescheduled": _("Rescheduled"),
    "skipped": _("Skipped"),
    "void": _("Void"),
    "stopped": _("Stopped"),
}
TONES = {"in_progress": "info", "done": "ok", "no_contact": "over", "void": "line", "stopped": "line"}

ACTS = {
    "opened": _("Opened"),
    "taken": _("Taken up"),
    "recorded": _("Result recorded"),
    "skipped": _("Skipped"),
    "moved": _("Moved to another day"),
    "reassigned": _("Given to another person"),
    "handed_over": _("Given to another person, since the one before left"),
    "undone": _("Taken back"),
    "void": _("Void, since the fact has changed"),
    "stopped": _("Stopped"),
}

NEXT = {
    "none": _("Not needed"),
    "tomorrow": _("Tomorrow"),
    "days3": _("In 3 days"),
    "week1": _("In 1 week"),
    "date": _("Choose a day"),
}

ENTRY_WORDS = {
    "tasks": _("Tasks"),
    "steps": _("Follow-up steps ahead"),
    "appointments": _("Appointments"),
}
