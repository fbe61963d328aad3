"""Members as staff list them: newest first, by store, level and state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, select, tuple_

from loyalty.customers.models import Customer
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel import paging
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.membership.models import Member
from loyalty.membership.rules import number_of
from loyalty.points.models import PointsAccount
from loyalty.staff.models import Store
from loyalty.tiers.models import TierStanding

AT_ONCE = 5_000  # rows of an export in one statement


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One line of the list; `available` may still count lots that ended since last night."""

    customer_id: int
    name: str | None
    store_code: str
    store: str
    level_code: str | None
    available: int
    joined_at: datetime
    joined_day: date
    state: str

    @property
    def number(self) -> str:
        """The twelve digits of the member number."""
        return number_of(self.customer_id)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members to list; None leaves a part open, `customer_ids` keeps to those."""

    store_id: int | None = None
    level_code: str | None = None
    state: str | None = None
    customer_ids: tuple[int, ...] | None = None


def listed(wanted: Filter, scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[MemberRow]:
    """Return the members wanted, newest first, from the cursor on."""
    chosen = _chosen(wanted, scope)
    if cursor is not None:
        joined_at, customer_id = decode_cursor(cursor, (datetime.fromisoformat, int))
        chosen = chosen.where(tuple_(Member.joined_at, Member.customer_id) < (joined_at, customer_id))
    chosen = chosen.order_by(Member.joined_at.desc(), Member.customer_id.desc()).limit(limit + 1)
    rows = [MemberRow(*row) for row in db.session.execute(chosen)]
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], encode_cursor((last.joined_at, last.customer_id)))


def every(wanted: Filter, scope: Scope, *, most: int) -> Iterator[MemberRow]:
    """Give the members of `listed`, at most so many, for an export."""
    return paging.every(
        lambda cursor, limit: listed(wanted, scope, cursor=cursor, limit=limit), most=most, at_once=AT_ONCE
    )


def _chosen(wanted: Filter, scope: Scope) -> Select[int, str | None, str, str, str | None, int, datetime, date, str]:
    chosen = (
        select(
            Member.customer_id,
            Customer.name,
            Store.code,
            Store.name,
            TierStanding.level_code,
            PointsAccount.available,
            Member.joined_at,
            Member.joined_day,
            Member.state,
        )
        .join(Customer, Customer.id == Member.customer_id)
        .join(Store, Store.id == Member.store_id)
        .join(PointsAccount, and_(PointsAccount.customer_id == Member.customer_id, PointsAccount.unit == "points"))
        .outerjoin(TierStanding, TierStanding.customer_id == Member.customer_id)
    )
    if scope.stores is not None:
        chosen = chosen.where(Member.store_id.in_(scope.stores))
    if wanted.store_id is not None:
        chosen = chosen.where(Member.store_id == wanted.store_id)
    if wanted.level_code is not None:
        chosen = chosen.where(TierStanding.level_code == wanted.level_code)
    if wanted.state is not None:
        chosen = chosen.where(Member.state == wanted.state)
    if wanted.customer_ids is not None:
        chosen = chosen.where(Member.customer_id == any_id(wanted.customer_ids))
    return chosen
