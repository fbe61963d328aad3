"""A member with all that a page about it begins with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty.customers.queries import CustomerView, customer
from loyalty.kernel.actor import EVERYTHING, Scope
from loyalty.kernel.clock import day_at
from loyalty.membership.queries.members import MemberView, member, member_of
from loyalty.membership.queries.standing import ladder
from loyalty.membership.rules import Ladder
from loyalty.points.queries import balance
from loyalty.points.rules import Balance
from loyalty.staff.queries import StoreView, stores_by_ids
from loyalty.tiers.rules import Level

_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Card:
    """A member: who, of which store, what there is to use, and where on the ladder; None while there are no levels."""

    member: MemberView
    customer: CustomerView
    store: StoreView
    balance: Balance
    growth: int
    ladder: Ladder | None

    @property
    def level(self) -> Level | None:
        """The level, or None while there are none."""
        return None if self.ladder is None else self.ladder.level

    @property
    def next_end_day(self) -> date | None:
        """The last day on which the points that lapse next can be used, or None when none lapse."""
        return last_day(self.balance.next_end_at, self.store.zone)


def card(number: str, scope: Scope, *, now: datetime) -> Card:
    """Return the member of a number as typed; not found where there is none, or it lies outside the scope."""
    return _card(member(number, scope), now)


def card_of(customer_id: int, scope: Scope, *, now: datetime) -> Card | None:
    """Return the membership of a customer, or None when there is none in the scope."""
    found = member_of(customer_id, scope)
    return None if found is None else _card(found, now)


def last_day(end_at: datetime | None, zone: str) -> date | None:
    """Return the last day before an end, which is exclusive; None for no end."""
    return None if end_at is None else day_at(end_at - _AN_INSTANT, zone)


def _card(found: MemberView, now: datetime) -> Card:
    store = stores_by_ids([found.store_id])[found.store_id]
    return Card(
        member=found,
        customer=customer(found.customer_id, EVERYTHING),  # the wall has been passed by the member
        store=store,
        balance=balance(found.customer_id, now=now),
        growth=balance(found.customer_id, now=now, unit="growth").available,
        ladder=ladder(found.customer_id, found.joined_day, as_of=day_at(now, store.zone)),
    )
