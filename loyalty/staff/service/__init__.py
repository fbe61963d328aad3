"""Changes to stores, accounts, tokens and the audit trail, and what sign-in remembers."""

from loyalty.staff.service.accounts import (
    assign,
    change_own_password,
    change_password,
    check_own_password,
    create_account,
    disable,
    enable,
    end_assignment,
    end_session,
    end_sessions,
    update_account,
)
from loyalty.staff.service.audit import AuditEntry, audit_part, audit_values, record_audit
from loyalty.staff.service.clients import USE_EVERY, create_api_client, note_use, revoke_client, rotate_client
from loyalty.staff.service.exports import record_export
from loyalty.staff.service.factors import renew_recovery_codes, reset_factor, set_factor, use_code
from loyalty.staff.service.sign_in import (
    begin_sign_in,
    forget_password_tries,
    note_lock,
    record_sign_in,
    record_sign_out,
)
from loyalty.staff.service.stores import create_store, update_store

__all__ = [
    "USE_EVERY",
    "AuditEntry",
    "assign",
    "audit_part",
    "audit_values",
    "begin_sign_in",
    "change_own_password",
    "change_password",
    "check_own_password",
    "create_account",
    "create_api_client",
    "create_store",
    "disable",
    "enable",
    "end_assignment",
    "end_session",
    "end_sessions",
    "forget_password_tries",
    "note_lock",
    "note_use",
    "record_audit",
    "record_export",
    "record_sign_in",
    "record_sign_out",
    "renew_recovery_codes",
    "reset_factor",
    "revoke_client",
    "rotate_client",
    "set_factor",
    "update_account",
    "update_store",
    "use_code",
]
