"""Accounts, the roles they hold, and their passwords."""

import secrets
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.staff import queries
from loyalty.staff.models import Account, Assignment, Store
from loyalty.staff.rules import (
    AccountNotFound,
    AssignmentNotFound,
    LastAdministrator,
    StoreNotFound,
    UsernameTaken,
    WrongPassword,
    check_password,
    check_role,
    normal_username,
)
from loyalty.staff.service.audit import AuditEntry, record_audit
from loyalty.staff.service.hashing import hash_password, is_password


def create_account(
    *,
    username: str,
    name: str,
    password: str,
    email: str | None = None,
    now: datetime,
    by: Actor,
) -> int:
    """Open an account without any role and return its id; a user name that is taken is refused."""
    username = normal_username(username)
    hashed = hash_password(check_password(password, username=username, name=name))
    with transaction() as session:
        added = insert(Account).values(
            username=username,
            name=name,
            email=email,
            password=hashed,
            password_at=now,
            active=True,
            fs_uniquifier=_new_uniquifier(),
            created_at=now,
        )
        account_id: int | None = session.scalar(added.on_conflict_do_nothing().returning(Account.id))
        if account_id is None:
            raise UsernameTaken(account=username)
        after = {"username": username, "name": name, "email": email}
        record_audit([AuditEntry("account.created", "account", account_id, by, now, after=after)])
    return account_id


def assign(
    account_id: int,
    role: str,
    *,
    store_id: int | None = None,
    from_day: date,
    to_day: date | None = None,
    now: datetime,
    by: Actor,
) -> int:
    """Give an account a role in a store, or in all, and return the assignment; the same again changes nothing."""
    check_role(role)
    if to_day is not None and to_day < from_day:
        raise Malformed({"to_day": ["The last day lies before the first."]})
    with transaction() as session:
        _lock_account(account_id)
        if store_id is not None and session.get(Store, store_id) is None:
            raise StoreNotFound(store=store_id)
        same = select(Assignment.id).where(
            Assignment.account_id == account_id,
            Assignment.role == role,
            Assignment.store_id.is_not_distinct_from(store_id),
            Assignment.from_day <= from_day,
            Assignment.to_day.is_not_distinct_from(to_day),
            Assignment.ended_at.is_(None),
        )
        held = session.scalar(same)
        if held is not None:
            return held
        values = {"role": role, "store_id": store_id, "from_day": from_day, "to_day": to_day}
        assignment = Assignment(account_id=account_id, **values)
        session.add(assignment)
        session.flush()
        entry = AuditEntry("account.role_given", "account", account_id, by, now, store_id=store_id, after=values)
        record_audit([entry])
        return assignment.id


def end_assignment(account_id: int, assignment_id: int, *, now: datetime, by: Actor) -> None:
    """Take a role away at once; the last administrator's is kept."""
    with transaction() as session:
        administrators = queries.lasting_administrators(now.date())  # locked first, so that nobody waits crosswise
        account = _lock_account(account_id)
        assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
        if assignment is None or assignment.account_id != account_id or assignment.ended_at is not None:
            raise AssignmentNotFound
        assignment.ended_at = now
        session.flush()
        _keep_an_administrator(account, administrators, now)
        before = {
            "role": assignment.role,
            "store_id": assignment.store_id,
            "from_day": assignment.from_day,
            "to_day": assignment.to_day,
        }
        entry = AuditEntry(
            "account.role_ended",
            "account",
            account_id,
            by,
            now,
            store_id=assignment.store_id,
            before=before,
        )
        record_audit([entry])


def disable(account_id: int, *, now: datetime, by: Actor) -> None:
    """Let an account sign in no more and end its sessions; the last administrator's is kept."""
    with transaction() as session:
        administrators = queries.lasting_administrators(now.date())
        account = _lock_account(account_id)
        if not account.active:
            return
        account.active = False
        account.fs_uniquifier = _new_uniquifier()
        session.flush()
        _keep_an_administrator(account, administrators, now)
        _record(account_id, "account.disabled", now, by)


def enable(account_id: int, *, now: datetime, by: Actor) -> None:
    """Let a disabled account sign in again."""
    with transaction():
        account = _lock_account(account_id)
        if account.active:
            return
        account.active = True
        _record(account_id, "account.enabled", now, by)


def change_password(account_id: int, password: str, *, now: datetime, by: Actor) -> None:
    """Give an account another password and end its sessions."""
    with transaction():
        account = _lock_account(account_id)
        checked = check_password(password, username=account.username, name=account.name)
        account.password = hash_password(checked)
        account.password_at = now
        account.fs_uniquifier = _new_uniquifier()
        _record(account_id, "account.password_changed", now, by)


def change_own_password(account_id: int, present: str, password: str, *, now: datetime, by: Actor) -> None:
    """Give an account another password and end its sessions; refused when the present one is not right."""
    with transaction():
        account = _lock_account(account_id)
        if not is_password(present, account.password):
            raise WrongPassword
        change_password(account_id, password, now=now, by=by)


def end_sessions(account_id: int, *, now: datetime, by: Actor) -> None:
    """Sign an account out wherever it is signed in."""
    with transaction():
        account = _lock_account(account_id)
        account.fs_uniquifier = _new_uniquifier()
        _record(account_id, "account.sessions_ended", now, by)


def _lock_account(account_id: int) -> Account:
    with transaction() as session:
        account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise AccountNotFound(account=account_id)
    return account


def _keep_an_administrator(account: Account, administrators: list[int], now: datetime) -> None:
    """Refuse when there was an administrator and there is none any more."""
    if administrators and not queries.lasting_administrators(now.date()):
        raise LastAdministrator(account=account.name)


def _record(account_id: int, action: str, now: datetime, by: Actor) -> None:
    record_audit([AuditEntry(action, "account", account_id, by, now)])


def _new_uniquifier() -> str:
    return secrets.token_hex(32)
