"""What people type on the pages of the programme, and how the forms of rules are drawn."""

from loyalty.programme.forms.drawn import Drawn, drawn, mistakes, sheet_of
from loyalty.programme.forms.typed import (
    GROUP_ZONE,
    DayForm,
    OwnDayForm,
    TableForm,
    VersionForm,
    beginning,
    first_day,
    number_of,
    read_rules,
)

__all__ = [
    "GROUP_ZONE",
    "DayForm",
    "Drawn",
    "OwnDayForm",
    "TableForm",
    "VersionForm",
    "beginning",
    "drawn",
    "first_day",
    "mistakes",
    "number_of",
    "read_rules",
    "sheet_of",
]
