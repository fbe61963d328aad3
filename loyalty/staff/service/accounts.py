"""Accounts, the roles they hold, and their passwords."""

import secrets
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel import sessions
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.kernel.events import announce
from loyalty.staff import queries
from loyalty.staff.events import WorkEnded
from loyalty.staff.models import Account, Assignment, Store
from loyalty.staff.rules import (
    AccountNotFound,
    AssignmentNotFound,
    LastAdministrator,
    SessionNotFound,
    SignInLocked,
    StoreNotFound,
    UsernameTaken,
    WrongPassword,
    check_password,
    check_role,
    normal_password,
    normal_username,
)
from loyalty.staff.service.audit import AuditEntry, record_audit
from loyalty.staff.service.hashing import hash_password, is_password
from loyalty.staff.service.sign_in import begin_sign_in, forget_password_tries, note_lock


def create_account(
    *,
    username: str,
    name: str,
    password: str,
    email: str | None = None,
    given: bool = False,
    now: datetime,
    by: Actor,
) -> int:
    """Open an account without any role and return its id; a user name that is taken is refused.

    A password that is `given` by somebody else must be changed before anything else is done with the account.
    """
    username = normal_username(username)
    hashed = hash_password(check_password(password, known=_known_words(username, name, email)))
    with transaction() as session:
        added = insert(Account).values(
            username=username,
            name=name,
            email=email,
            password=hashed,
            password_at=now,
            password_given=given,
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


def update_account(account_id: int, *, name: str, email: str | None, now: datetime, by: Actor) -> None:
    """Change what an account is called and its e-mail address; the user name stays."""
    with transaction():
        account = _lock_account(account_id)
        before, after = {"name": account.name, "email": account.email}, {"name": name, "email": email}
        if before == after:
            return
        account.name, account.email = name, email
        record_audit(
            [AuditEntry("account.changed", "account", account_id, by, now, before=before, after=after)],
        )


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
    """Take a role away at once and end the sessions of the account; the last administrator's is kept."""
    with transaction() as session:
        administrators = queries.lasting_administrators(now.date())  # locked first, so that nobody waits crosswise
        account = _lock_account(account_id)
        assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
        if assignment is None or assignment.account_id != account_id or assignment.ended_at is not None:
            raise AssignmentNotFound
        _keep_an_administrator(account, administrators, [held for held in administrators if held[1] != assignment_id])
        assignment.ended_at = now
        _end_sessions(account)
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
        announce([WorkEnded(account_id)], now=now, by=by)


def disable(account_id: int, *, now: datetime, by: Actor) -> None:
    """Let an account sign in no more and end its sessions; the last administrator's is kept."""
    with transaction():
        administrators = queries.lasting_administrators(now.date())
        account = _lock_account(account_id)
        if not account.active:
            return
        _keep_an_administrator(account, administrators, [held for held in administrators if held[0] != account_id])
        account.active = False
        _end_sessions(account)
        _record(account_id, "account.disabled", now, by)
        announce([WorkEnded(account_id)], now=now, by=by)


def enable(account_id: int, *, now: datetime, by: Actor) -> None:
    """Let a disabled account sign in again."""
    with transaction():
        account = _lock_account(account_id)
        if account.active:
            return
        account.active = True
        _record(account_id, "account.enabled", now, by)


def change_password(account_id: int, password: str, *, given: bool = False, now: datetime, by: Actor) -> None:
    """Give an account another password and end its sessions; a `given` one is to be changed by its person first."""
    with transaction():
        account = _lock_account(account_id)
        checked = check_password(password, known=_known_words(account.username, account.name, account.email))
        account.password = hash_password(checked)
        account.password_at, account.password_given = now, given
        _end_sessions(account)
        _record(account_id, "account.password_changed", now, by)


def change_own_password(account_id: int, present: str, password: str, *, now: datetime, by: Actor) -> None:
    """Give an account another password and end its sessions; each call counts as one try with the present one.

    WrongPassword when the present one is not right, SignInLocked after too many tries, malformed when nothing changes.
    """
    check_own_password(account_id, present, now=now, by=by)
    if normal_password(present) == normal_password(password):
        raise Malformed({"password": ["This is the present password. Choose another one."]})
    change_password(account_id, password, now=now, by=by)


def check_own_password(account_id: int, password: str, *, now: datetime, by: Actor) -> None:
    """Refuse a password that is not the account's: WrongPassword, or SignInLocked after too many tries."""
    with transaction() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise AccountNotFound(account=account_id)
    locked_until = begin_sign_in(account.username, now=now)
    if not is_password(password, account.password):
        if locked_until is None:
            raise WrongPassword
        note_lock(account_id, locked_until, now=now, by=by)
        raise SignInLocked.until(locked_until, now)
    forget_password_tries(account.username)


def end_sessions(account_id: int, *, kept: str | None = None, now: datetime, by: Actor) -> None:
    """Sign an account out wherever it is signed in, but in the session with the id `kept`."""
    with transaction():
        account = _lock_account(account_id)
        if kept is None:
            _end_sessions(account)
        else:
            sessions.end_all("staff", account_id, kept=kept)
        _record(account_id, "account.sessions_ended", now, by)


def end_session(account_id: int, session_id: str, *, now: datetime, by: Actor) -> None:
    """Sign an account out on one device; refused as not found when it is signed out there already."""
    with transaction():
        _lock_account(account_id)
        if not sessions.end_one("staff", account_id, session_id):
            raise SessionNotFound
        _record(account_id, "account.session_ended", now, by)


def _end_sessions(account: Account) -> None:
    account.fs_uniquifier = _new_uniquifier()
    sessions.end_all("staff", account.id)


def _known_words(username: str, name: str, email: str | None) -> list[str]:
    """Return what who guesses a password would know: of the person, and of the dealer."""
    return [username, name, (email or "").partition("@")[0], *queries.store_names()]


def _lock_account(account_id: int) -> Account:
    with transaction() as session:
        account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise AccountNotFound(account=account_id)
    return account


def _keep_an_administrator(account: Account, held: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    """Refuse when there is an administrator and would be none any more; a trigger of the database refuses it too."""
    if held and not left:
        raise LastAdministrator(account=account.name)


def _record(account_id: int, action: str, now: datetime, by: Actor) -> None:
    record_audit([AuditEntry(action, "account", account_id, by, now)])


def _new_uniquifier() -> str:
    return secrets.token_hex(32)
