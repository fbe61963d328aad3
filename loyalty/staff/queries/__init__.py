"""What is known of stores, accounts, tokens and the audit trail."""

from loyalty.staff.queries.accounts import (
    AccountRow,
    AssignmentRow,
    Holder,
    account,
    account_id,
    accounts,
    holders,
    lasting_administrators,
)
from loyalty.staff.queries.actors import SignedIn, client_actor, signed_in
from loyalty.staff.queries.audit import AuditFilter, AuditView, audit_rows
from loyalty.staff.queries.clients import ClientRow, client, clients, person_behind
from loyalty.staff.queries.factors import FactorView, factor, present_code
from loyalty.staff.queries.stores import (
    StoreCard,
    StoreView,
    days_closed,
    store,
    store_by_code,
    store_cards,
    store_names,
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
    "FactorView",
    "Holder",
    "SignedIn",
    "StoreCard",
    "StoreView",
    "account",
    "account_id",
    "accounts",
    "audit_rows",
    "client",
    "client_actor",
    "clients",
    "days_closed",
    "factor",
    "holders",
    "lasting_administrators",
    "person_behind",
    "present_code",
    "signed_in",
    "store",
    "store_by_code",
    "store_cards",
    "store_names",
    "stores",
    "stores_by_codes",
    "stores_by_ids",
]
