"""The second factor: set up, used, replaced on paper, and taken away."""

from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from loyalty.kernel import sessions
from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import BrokenSeal, blind_index, blind_indexes, seal, unseal
from loyalty.kernel.db import transaction
from loyalty.staff.models import Account, Factor, RecoveryCode
from loyalty.staff.rules import (
    AccountNotFound,
    CodeRefused,
    CodesLocked,
    FactorSealedShut,
    NoSecondFactor,
    is_recovery_code,
    matching_step,
    new_recovery_codes,
)
from loyalty.staff.service.audit import AuditEntry, record_audit
from loyalty.staff.service.sign_in import begin_code, forget_codes, note_lock

# The step of a code only grows, decided by one statement: the same code twice, also at once, is one success.
_USE_STEP = text("""
    UPDATE staff_factors SET last_step = :step WHERE account_id = :account AND last_step < :step RETURNING 1
""")
_USE_RECOVERY = text("""
    UPDATE staff_recovery_codes SET used_at = :now
    WHERE account_id = :account AND code_hash = ANY (:hashes) AND used_at IS NULL
    RETURNING 1
""")


def set_factor(account_id: int, secret: str, code: str, *, kept: str | None, now: datetime, by: Actor) -> list[str]:
    """Give an account the second factor whose app showed `code`, and return its new recovery codes, shown this once.

    CodeRefused when the app shows another code. What came before ends: an older factor, its recovery codes, and all
    sessions but the one with the id `kept`.
    """
    step = matching_step(secret, code, now)
    if step is None:
        raise CodeRefused
    with transaction() as session:
        if session.get(Account, account_id, with_for_update=True) is None:
            raise AccountNotFound(account=account_id)
        values = {"secret": seal(secret, place=_place(account_id)), "last_step": step, "enrolled_at": now}
        added = insert(Factor).values(account_id=account_id, **values)
        session.execute(added.on_conflict_do_update(index_elements=[Factor.account_id], set_=values))
        sessions.end_all("staff", account_id, kept=kept)
        record_audit([AuditEntry("account.factor_set", "account", account_id, by, now)])
        return _replace_recovery_codes(account_id, now)


def renew_recovery_codes(account_id: int, *, now: datetime, by: Actor) -> list[str]:
    """Return ten new recovery codes, shown this once; those before open nothing any more."""
    with transaction() as session:
        if session.get(Factor, account_id, with_for_update=True) is None:
            raise NoSecondFactor
        record_audit([AuditEntry("account.recovery_codes_made", "account", account_id, by, now)])
        return _replace_recovery_codes(account_id, now)


def use_code(account_id: int, code: str, *, now: datetime, by: Actor) -> int | None:
    """Take a code in its normal form, of the app or from paper, once; each call counts as one try.

    Return how many recovery codes are left when one of them was used, else None. CodeRefused: it does not fit or was
    used before; CodesLocked: too many in a row; FactorSealedShut, which is no try: no code of the app can be checked.
    """
    paper = is_recovery_code(code)
    secret = None if paper else _secret(account_id)
    locked_until = begin_code(account_id, now=now)
    with transaction() as session:
        if paper:
            asked = {"account": account_id, "hashes": list(_hashes(account_id, code)), "now": now}
            taken = session.scalar(_USE_RECOVERY, asked) is not None
        else:
            taken = secret is not None and _take_step(account_id, secret, code, now)
        if taken:
            forget_codes(account_id)
            return _note_recovery_code(account_id, now, by) if paper else None
    if locked_until is None:
        raise CodeRefused
    note_lock(account_id, locked_until, codes=True, now=now, by=by)
    raise CodesLocked.until(locked_until, now)


def reset_factor(account_id: int, *, now: datetime, by: Actor) -> None:
    """Take somebody's second factor and recovery codes away and end the sessions; refused when there is none."""
    with transaction() as session:
        gone = session.execute(delete(Factor).where(Factor.account_id == account_id).returning(Factor.account_id))
        if gone.one_or_none() is None:
            raise NoSecondFactor
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
        sessions.end_all("staff", account_id)
        record_audit([AuditEntry("account.factor_reset", "account", account_id, by, now)])


def _secret(account_id: int) -> str | None:
    with transaction() as session:
        sealed = session.scalar(select(Factor.secret).where(Factor.account_id == account_id))
    try:
        return None if sealed is None else unseal(sealed, place=_place(account_id))
    except BrokenSeal as problem:
        raise FactorSealedShut from problem


def _take_step(account_id: int, secret: str, code: str, now: datetime) -> bool:
    step = matching_step(secret, code, now)
    if step is None:
        return False
    with transaction() as session:
        return session.scalar(_USE_STEP, {"account": account_id, "step": step}) is not None


def _replace_recovery_codes(account_id: int, now: datetime) -> list[str]:
    codes = new_recovery_codes()
    with transaction() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
        hashes = [{"account_id": account_id, "code_hash": _hash(account_id, code), "made_at": now} for code in codes]
        session.execute(insert(RecoveryCode), hashes)
    return codes


def _note_recovery_code(account_id: int, now: datetime, by: Actor) -> int:
    with transaction() as session:
        unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        left = session.scalar(unused) or 0
        after = {"codes_left": left}
        record_audit([AuditEntry("account.recovery_code_used", "account", account_id, by, now, after=after)])
    return left


def _place(account_id: int) -> str:
    return f"staff_factors.secret:{account_id}"


def _hash(account_id: int, code: str) -> bytes:
    return blind_index(f"{account_id} {code}", purpose="staff recovery codes")


def _hashes(account_id: int, code: str) -> tuple[bytes, ...]:
    """Return under which hashes a recovery code may stand: two while the index key turns."""
    return blind_indexes(f"{account_id} {code}", purpose="staff recovery codes")
