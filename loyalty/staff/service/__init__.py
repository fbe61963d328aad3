"""Changes to stores, accounts, tokens and the audit trail, and what sign-in remembers."""

from loyalty.staff.service.accounts import (
    assign,
    change_own_password,
    change_password,
    create_account,
    disable,
    enable,
    end_assignment,
    end_sessions,
)
from loyalty.staff.service.audit import AuditEntry, record_audit
from loyalty.staff.service.clients import create_api_client, revoke_client
from loyalty.staff.service.sign_in import begin_sign_in, locked, record_sign_in
from loyalty.staff.service.stores import create_store, update_store

__all__ = [
    "AuditEntry",
    "assign",
    "begin_sign_in",
    "change_own_password",
    "change_password",
    "create_account",
    "create_api_client",
    "create_store",
    "disable",
    "enable",
    "end_assignment",
    "end_sessions",
    "locked",
    "record_audit",
    "record_sign_in",
    "revoke_client",
    "update_store",
]
