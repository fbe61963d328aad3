"""The JSON of rules, tables of facts and the work calendar."""

from loyalty.programme.schemas.calendar import CalendarDaySchema, CalendarDaysSchema, DaysQuery, OwnDaySchema
from loyalty.programme.schemas.tables import (
    InForceQuery,
    TableDraftSchema,
    TableSchema,
    TablesQuery,
    TablesSchema,
)
from loyalty.programme.schemas.versions import (
    CompareQuery,
    ComparisonSchema,
    DraftSchema,
    NoteSchema,
    VersionSchema,
    VersionsQuery,
    VersionsSchema,
)

__all__ = [
    "CalendarDaySchema",
    "CalendarDaysSchema",
    "CompareQuery",
    "ComparisonSchema",
    "DaysQuery",
    "DraftSchema",
    "InForceQuery",
    "NoteSchema",
    "OwnDaySchema",
    "TableDraftSchema",
    "TableSchema",
    "TablesQuery",
    "TablesSchema",
    "VersionSchema",
    "VersionsQuery",
    "VersionsSchema",
]
