"""What is known of stores, accounts, tokens and the audit trail."""

from loyalty.staff.queries.accounts import (
    AccountRow,
    AssignmentRow,
    account,
    account_id,
    accounts,
    lasting_administrators,
)
from loyalty.staff.queries.actors import client_actor, staff_actor
from loyalty.staff.queries.audit import AuditFilter, AuditView, audit_rows
from loyalty.staff.queries.clients import ClientRow, client, clients, person_behind
from loyalty.staff.queries.stores import (
    StoreCard,
    StoreView,
    store,
    store_by_code,
    store_cards,
    stores,
    stores_by_codes,
    stores_by_ids,
)

__all__ = [
    "AccountRow",
    "AssignmentRow",
    "AuditFilter",
    "AuditView",
    "ClientRow",
    "StoreCard",
    "StoreView",
    "account",
    "account_id",
    "accounts",
    "audit_rows",
    "client",
    "client_actor",
    "clients",
    "lasting_administrators",
    "person_behind",
    "staff_actor",
    "store",
    "store_by_code",
    "store_cards",
    "stores",
    "stores_by_codes",
    "stores_by_ids",
]
