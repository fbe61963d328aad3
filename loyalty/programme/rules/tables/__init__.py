"""Rule tables: facts of law and insurance with the days on which they hold, their source, and how sure they are."""

from loyalty.programme.rules.tables.cells import form_rows, rows_as_csv, rows_of_csv, rows_of_sheet
from loyalty.programme.rules.tables.columns import Column, check_rows
from loyalty.programme.rules.tables.facts import Facts, TableNotFound, TablesThere, check_facts, parse_tables
from loyalty.programme.rules.tables.kinds import CERTAINTY_TEXTS, KINDS, UNSURE, NoSuchKind, TableKind, table_kind
from loyalty.programme.rules.tables.regions import EVERYWHERE, REGION_TEXTS, regions_for

__all__ = [
    "CERTAINTY_TEXTS",
    "EVERYWHERE",
    "KINDS",
    "REGION_TEXTS",
    "UNSURE",
    "Column",
    "Facts",
    "NoSuchKind",
    "TableKind",
    "TableNotFound",
    "TablesThere",
    "check_facts",
    "check_rows",
    "form_rows",
    "parse_tables",
    "regions_for",
    "rows_as_csv",
    "rows_of_csv",
    "rows_of_sheet",
    "table_kind",
]
