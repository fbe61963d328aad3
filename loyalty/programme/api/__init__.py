"""Rules, tables of facts and the work calendar for programs."""

from loyalty.programme.api import calendar, tables, versions

OPERATIONS = (versions.operations, tables.operations, calendar.operations)

__all__ = ["OPERATIONS"]
