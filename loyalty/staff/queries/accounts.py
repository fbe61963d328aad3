"""Accounts and the roles they hold."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, exists, or_, select

from loyalty.kernel.db import db
from loyalty.staff.models import Account, Assignment, Factor, Store
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
    """An account with its roles, past and coming ones included unless they were ended.

    `password_given` says that somebody else chose its password; `has_factor` that it has a second factor.
    """

    id: int
    username: str
    name: str
    email: str | None
    active: bool
    password_given: bool
    has_factor: bool
    assignments: tuple[AssignmentRow, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role now or later; `store` is None for all stores, `to_day` None for no end."""

    account_id: int
    name: str
    store: str | None
    from_day: date
    to_day: date | None


_COLUMNS = (
    Account.id,
    Account.username,
    Account.name,
    Account.email,
    Account.active,
    Account.password_given,
    exists().where(Factor.account_id == Account.id).label("has_factor"),
)


def accounts(*, after: str = "", limit: int = 50) -> list[AccountRow]:
    """Return accounts by user name, those after `after`."""
    chosen = select(*_COLUMNS).where(Account.username > after).order_by(Account.username).limit(limit)
    return _with_assignments(list(db.session.execute(chosen)))


def account(account_id: int) -> AccountRow:
    """Return one account; refused as not found when there is none."""
    for row in _with_assignments(list(db.session.execute(select(*_COLUMNS).where(Account.id == account_id)))):
        return row
    raise AccountNotFound(account=account_id)


def holders(today: date) -> dict[str, list[Holder]]:
    """Return for each role the active accounts that hold it on `today` or later, by name."""
    rows = db.session.execute(
        select(
            Assignment.role,
            Account.id,
            Account.name,
            Store.name,
            Assignment.from_day,
            Assignment.to_day,
        )
        .join(Account, Account.id == Assignment.account_id)
        .outerjoin(Store, Store.id == Assignment.store_id)
        .where(
            Assignment.ended_at.is_(None),
            or_(Assignment.to_day.is_(None), Assignment.to_day >= today),
            Account.active,
        )
        .order_by(Account.name, Account.id, Assignment.id),
    )
    held: dict[str, list[Holder]] = defaultdict(list)
    for role, account_id, name, store, from_day, to_day in rows:
        held[role].append(Holder(account_id, name, store, from_day, to_day))
    return held


def account_id(username: str) -> int:
    """Return the id of the account with this user name; refused as not found when there is none."""
    found = db.session.scalar(select(Account.id).where(Account.username == username))
    if found is None:
        raise AccountNotFound(account=username)
    return found


def lasting_administrators(today: date) -> list[tuple[int, int]]:
    """Return account and assignment of who can sign in and administer all stores with no end; the rows stay locked."""
    held = (
        select(Account.id, Assignment.id)
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
    return [(account_id, assignment_id) for account_id, assignment_id in db.session.execute(held)]


def _with_assignments(found: Sequence[Row[Any]]) -> list[AccountRow]:
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
    return [
        AccountRow(
            row.id,
            row.username,
            row.name,
            row.email,
            row.active,
            row.password_given,
            row.has_factor,
            tuple(held[row.id]),
        )
        for row in found
    ]
