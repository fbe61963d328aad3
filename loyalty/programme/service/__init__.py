"""Writing versions of the rules, tables of facts, and the dealer's own days."""

from loyalty.programme.service.calendar import set_own_day, unset_own_day
from loyalty.programme.service.tables import (
    activate_table,
    draft_table,
    load_tables,
    retire_table,
    revise_table,
    send_table_back,
    submit_table,
    take_table_back,
)
from loyalty.programme.service.versions import (
    activate,
    approve,
    draft,
    load_file,
    revise,
    send_back,
    submit,
    take_back,
    withdraw,
)

__all__ = [
    "activate",
    "activate_table",
    "approve",
    "draft",
    "draft_table",
    "load_file",
    "load_tables",
    "retire_table",
    "revise",
    "revise_table",
    "send_back",
    "send_table_back",
    "set_own_day",
    "submit",
    "submit_table",
    "take_back",
    "take_table_back",
    "unset_own_day",
    "withdraw",
]
