"""What stands on a day of the calendar, whichever feature it comes from."""

from dataclasses import dataclass
from datetime import date, datetime

TASKS, STEPS, APPOINTMENTS = "tasks", "steps", "appointments"
ENTRY_KINDS = (TASKS, STEPS, APPOINTMENTS)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A line of a day; `at` None stands for any time of it. `href` leads to the thing, `number` names a task."""

    kind: str
    day: date
    who: str
    what: str
    href: str
    icon: str
    at: datetime | None = None
    number: int | None = None
