"""Who is a member."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.membership.models import Member
from loyalty.membership.rules import MemberNotFound, id_of_number, number_of


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member as its row has it; `state_reason` is None unless suspended or closed."""

    customer_id: int
    store_id: int
    joined_at: datetime
    joined_day: date
    state: str
    state_reason: str | None

    @property
    def number(self) -> str:
        """The twelve digits of the member number."""
        return number_of(self.customer_id)


def member(number: str, scope: Scope) -> MemberView:
    """Return the member of a number as typed; not found where there is none, or it lies outside the scope."""
    return _found(number, _by_number(number, scope))


def lock_member(number: str, scope: Scope) -> MemberView:
    """Return the member as `member` does, and keep others from changing it until the transaction ends."""
    return _found(number, _by_number(number, scope).with_for_update(of=Member))


def lock_members(numbers: Sequence[str], scope: Scope) -> list[MemberView]:
    """Return the members of these numbers, in their order, locked in order of id; each is not found as in `member`."""
    ids = [id_of_number(number) or 0 for number in numbers]
    chosen = _within(scope).where(Member.customer_id == any_id(ids)).order_by(Member.customer_id)
    found = {row[0]: MemberView(*row) for row in db.session.execute(chosen.with_for_update(of=Member))}
    for number, customer_id in zip(numbers, ids, strict=True):
        if customer_id not in found:
            raise MemberNotFound(number=number)
    return [found[customer_id] for customer_id in ids]


def member_of(customer_id: int, scope: Scope) -> MemberView | None:
    """Return the membership of a customer, or None when there is none in the scope."""
    return _view(_within(scope).where(Member.customer_id == customer_id))


def lock_member_of(customer_id: int, scope: Scope) -> MemberView | None:
    """Return the membership of a customer as `member_of` does, and keep others from changing it."""
    return _view(_within(scope).where(Member.customer_id == customer_id).with_for_update(of=Member))


def members_among(customer_ids: Collection[int]) -> set[int]:
    """Return which of these customers have ever been enrolled."""
    chosen = select(Member.customer_id).where(Member.customer_id == any_id(customer_ids))
    return set(db.session.scalars(chosen))


def active_members(customer_ids: Collection[int]) -> dict[int, int]:
    """Return the active members among the customers, each with the store where it was enrolled."""
    chosen = select(Member.customer_id, Member.store_id).where(
        Member.customer_id == any_id(customer_ids), Member.state == "active"
    )
    return {row[0]: row[1] for row in db.session.execute(chosen)}


def _within(scope: Scope) -> Select[int, int, datetime, date, str, str | None]:
    chosen = select(
        Member.customer_id,
        Member.store_id,
        Member.joined_at,
        Member.joined_day,
        Member.state,
        Member.state_reason,
    )
    if scope.stores is not None:
        chosen = chosen.where(Member.store_id.in_(scope.stores))
    if scope.customer_id is not None:
        chosen = chosen.where(Member.customer_id == scope.customer_id)
    return chosen


def _by_number(number: str, scope: Scope) -> Select[int, int, datetime, date, str, str | None]:
    customer_id = id_of_number(number)
    if customer_id is None:
        raise MemberNotFound(number=number)
    return _within(scope).where(Member.customer_id == customer_id)


def _view(chosen: Select[int, int, datetime, date, str, str | None]) -> MemberView | None:
    row = db.session.execute(chosen).one_or_none()
    return None if row is None else MemberView(*row)


def _found(number: str, chosen: Select[int, int, datetime, date, str, str | None]) -> MemberView:
    view = _view(chosen)
    if view is None:
        raise MemberNotFound(number=number)
    return view
