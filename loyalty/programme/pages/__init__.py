"""The staff pages of rules, tables of facts and the work calendar."""

from loyalty.programme.pages import calendar, comparing, table_drafts, tables, versions, writing

BLUEPRINTS = (
    versions.blueprint,
    writing.blueprint,
    comparing.blueprint,
    tables.blueprint,
    table_drafts.blueprint,
    calendar.blueprint,
)

__all__ = ["BLUEPRINTS"]
