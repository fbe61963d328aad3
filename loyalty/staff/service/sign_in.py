"""What sign-in remembers: failures in a row, and who came in.

A try is counted and committed before its password or code is looked at. Two hundred parallel guesses are therefore two
hundred tries, of which those after the fifth find the name locked. Codes are counted apart from passwords, by account:
whoever knows the password gets no more guesses at the code by it.
"""

from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import blind_index
from loyalty.kernel.db import transaction
from loyalty.staff.models import SignInFailure
from loyalty.staff.rules import FORGOTTEN_AFTER, CodesLocked, Locked, SignInLocked, lock_after
from loyalty.staff.service.audit import AuditEntry, record_audit

_COUNT = text("""
    INSERT INTO staff_sign_in_failures AS f (name_hash, failures, last_at) VALUES (:name, 1, :now)
    ON CONFLICT (name_hash) DO UPDATE SET
        failures = CASE WHEN f.last_at < :forgotten THEN 1 ELSE f.failures + 1 END,
        last_at = :now, locked_until = NULL
    WHERE f.locked_until IS NULL OR f.locked_until <= :now
    RETURNING failures
""")
_LOCKED_UNTIL = text("SELECT locked_until FROM staff_sign_in_failures WHERE name_hash = :name")
_LOCK = text("UPDATE staff_sign_in_failures SET locked_until = :until WHERE name_hash = :name")
_FORGET = text("""
    DELETE FROM staff_sign_in_failures WHERE name_hash IN (
        SELECT name_hash FROM staff_sign_in_failures WHERE last_at < :forgotten ORDER BY last_at LIMIT 100
        FOR UPDATE SKIP LOCKED
    )
""")


def begin_sign_in(username: str, *, now: datetime) -> datetime | None:
    """Count one try with a user name, be there such an account or not; refused while the name is locked.

    Return until when the name is locked should this try fail, or None when there are tries left.
    """
    return _begin(_name_hash(username), SignInLocked, now)


def begin_code(account_id: int, *, now: datetime) -> datetime | None:
    """Count one try with a code of an account, as `begin_sign_in` does with a name; CodesLocked while it is locked."""
    return _begin(_codes_hash(account_id), CodesLocked, now)


def _begin(name: bytes, refusal: type[Locked], now: datetime) -> datetime | None:
    with transaction() as session:
        counted = {"name": name, "now": now, "forgotten": now - FORGOTTEN_AFTER}
        failures = session.scalar(_COUNT, counted)
        if failures is None:
            until = session.scalar(_LOCKED_UNTIL, {"name": name})
            raise refusal.until(until or now, now)
        wait = lock_after(failures)
        if wait is None:
            return None
        session.execute(_LOCK, {"name": name, "until": now + wait})
        session.execute(_FORGET, {"forgotten": now - FORGOTTEN_AFTER})
        return now + wait


def note_lock(account_id: int | None, until: datetime, *, codes: bool = False, now: datetime, by: Actor) -> None:
    """Write that passwords (or `codes`) were tried until a lock; `account_id` None: of a name that nobody has."""
    action = "account.codes_locked" if codes else "account.locked"
    record_audit([AuditEntry(action, "account", account_id, by, now, after={"until": until})])


def record_sign_out(account_id: int, *, now: datetime, by: Actor) -> None:
    """Write who left."""
    record_audit([AuditEntry("account.signed_out", "account", account_id, by, now)])


def record_sign_in(account_id: int, *, username: str, now: datetime, by: Actor) -> None:
    """Forget the failures of the user name, and write who came in."""
    with transaction() as session:
        _forget(session, _name_hash(username))
        record_audit([AuditEntry("account.signed_in", "account", account_id, by, now)])


def forget_password_tries(username: str) -> None:
    """Forget the failures of a user name, since the right password came."""
    with transaction() as session:
        _forget(session, _name_hash(username))


def forget_codes(account_id: int) -> None:
    """Forget the failures of an account's codes, since the right one came."""
    with transaction() as session:
        _forget(session, _codes_hash(account_id))


def _forget(session: Session, name: bytes) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.name_hash == name))


def _name_hash(username: str) -> bytes:
    return blind_index(username, purpose="staff sign-in")


def _codes_hash(account_id: int) -> bytes:
    return blind_index(str(account_id), purpose="staff codes")
