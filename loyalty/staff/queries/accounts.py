"""Accounts and the roles they hold."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from loyalty.kernel.db import db
from loyalty.staff.models import Account, Assignment, Store
from loyalty.staff.rules import AccountNotFound


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A role of an account that was not ended; `store` is None for all stores, `to_day` None for no end."""

    id: int
    role: str
    store: str | None
    from_day: date
    to_day: date | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with its roles, past and coming ones included unless they were ended."""

    id: int
    username: str
    name: str
    email: str | None
    active: bool
    assignments: tuple[AssignmentRow, ...]


def accounts(*, after: str = "", limit: int = 50) -> list[AccountRow]:
    """Return accounts by user name, those after `after`."""
    return _with_assignments(
        list(
            db.session.execute(
                select(Account.id, Account.username, Account.name, Account.email, Account.active)
                .where(Account.username > after)
                .order_by(Account.username)
                .limit(limit),
            ),
        ),
    )


def account(account_id: int) -> AccountRow:
    """Return one account; refused as not found when there is none."""
    found = db.session.execute(
        select(Account.id, Account.username, Account.name, Account.email, Account.active).where(
            Account.id == account_id,
        ),
    )
    for row in _with_assignments(list(found)):
        return row
    raise AccountNotFound(account=account_id)


def account_id(username: str) -> int:
    """Return the id of the account with this user name; refused as not found when there is none."""
    found = db.session.scalar(select(Account.id).where(Account.username == username))
    if found is None:
        raise AccountNotFound(account=username)
    return found


def lasting_administrators(today: date) -> list[int]:
    """Return the accounts that can sign in and administer all stores with no end; their rows stay locked."""
    held = (
        select(Assignment.account_id)
        .join(Account, Account.id == Assignment.account_id)
        .where(
            Assignment.role == "administrator",
            Assignment.store_id.is_(None),
            Assignment.to_day.is_(None),
            Assignment.ended_at.is_(None),
            Assignment.from_day <= today,
            Account.active,
        )
        .order_by(Account.id, Assignment.id)
        .with_for_update(of=(Assignment, Account))
    )
    return list(dict.fromkeys(db.session.scalars(held)))


def _with_assignments(found: list[tuple[int, str, str, str | None, bool]]) -> list[AccountRow]:
    held: dict[int, list[AssignmentRow]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Assignment.account_id,
            Assignment.id,
            Assignment.role,
            Store.name,
            Assignment.from_day,
            Assignment.to_day,
        )
        .outerjoin(Store, Store.id == Assignment.store_id)
        .where(Assignment.account_id.in_([row[0] for row in found]), Assignment.ended_at.is_(None))
        .order_by(Assignment.from_day, Assignment.id),
    )
    for row in rows:
        held[row[0]].append(AssignmentRow(*row[1:]))
    return [AccountRow(*account, assignments=tuple(held[account[0]])) for account in found]
