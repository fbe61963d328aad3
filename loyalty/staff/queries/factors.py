"""Second factors."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from loyalty.kernel.crypto import unseal
from loyalty.kernel.db import db
from loyalty.staff.models import Factor, RecoveryCode
from loyalty.staff.rules import NoSecondFactor, code_of, step_at


@dataclass(frozen=True, slots=True)
class FactorView:
    """The second factor of an account, and how many of its recovery codes were not used yet."""

    enrolled_at: datetime
    codes_left: int


def factor(account_id: int) -> FactorView | None:
    """Return the second factor of an account, or None when it has none."""
    left = (
        select(func.count())
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    row = db.session.execute(select(Factor.enrolled_at, left).where(Factor.account_id == account_id)).one_or_none()
    return FactorView(*row) if row else None


def present_code(account_id: int, *, now: datetime) -> str:
    """Return what the app of an account shows at `now`: for demonstrations, never for production."""
    sealed = db.session.scalar(select(Factor.secret).where(Factor.account_id == account_id))
    if sealed is None:
        raise NoSecondFactor
    return code_of(unseal(sealed, place=f"staff_factors.secret:{account_id}"), step_at(now))
