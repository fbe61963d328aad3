"""Which rules and facts were in force when, and which days are worked."""

from loyalty.programme.queries.calendar import own_day_changes, own_days, work_calendar, work_calendars
from loyalty.programme.queries.offers import offered_stores
from loyalty.programme.queries.steps import Step, steps, table_steps
from loyalty.programme.queries.tables import (
    TableView,
    active_with_start,
    has_tables,
    last_table_number,
    rows_in_force,
    table,
    table_before,
    tables,
    tables_by_ids,
)
from loyalty.programme.queries.versions import (
    Version,
    VersionView,
    ask_timetable,
    forget_timetable,
    has_rules,
    in_force,
    last_number,
    version,
    versions,
    versions_by_ids,
    versions_in_force,
)

__all__ = [
    "Step",
    "TableView",
    "Version",
    "VersionView",
    "active_with_start",
    "ask_timetable",
    "forget_timetable",
    "has_rules",
    "has_tables",
    "in_force",
    "last_number",
    "last_table_number",
    "offered_stores",
    "own_day_changes",
    "own_days",
    "rows_in_force",
    "steps",
    "table",
    "table_before",
    "table_steps",
    "tables",
    "tables_by_ids",
    "version",
    "versions",
    "versions_by_ids",
    "versions_in_force",
    "work_calendar",
    "work_calendars",
]
