"""Gives members what their sales earn."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from loyalty.earning import queries
from loyalty.earning.rules import Buyer, Earned, award_key, reckon
from loyalty.earning.service.lines import Booking, Terms, awards_of, rules_named, sums_of, write_lines
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points import service as ledger
from loyalty.programme.queries import Version, versions_in_force
from loyalty.sales.events import SaleRecorded
from loyalty.staff.queries import stores_by_ids

Case = tuple[SaleRecorded, Version]


def award_sales(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Give each buyer who is a member the points and growth of the sale, by the rules in force when it happened."""
    cases = cases_of(sales)
    if not cases:
        return []
    with transaction():
        buyers = earning_buyers(buyers_of(cases))
        bookings = [booking for booking in reckon_cases(cases, buyers) if booking.earned]
        return book(bookings, now=now, by=by)


def cases_of(sales: Sequence[SaleRecorded]) -> list[Case]:
    """Return the sales with the rules that were in force when they happened; sales of before are left out."""
    if not sales:
        return []
    versions = versions_in_force("earning", min(sale.occurred_at for sale in sales))
    starts = [version.effective_from for version in versions]
    places = ((sale, bisect_right(starts, sale.occurred_at)) for sale in sales)
    return [(sale, versions[place - 1]) for sale, place in places if place]


def versions_of(cases: Sequence[Case]) -> list[Version]:
    """Return each version of the cases once: a file has some thousand sales and one or two versions."""
    return list({version.id: version for _, version in cases}.values())


def buyers_of(cases: Sequence[Case]) -> dict[int, Buyer]:
    """Return the members among the buyers, with what the rules ask of them."""
    asks_birthdays = any(version.rules.asks_birthdays for version in versions_of(cases))
    return queries.members({sale.customer_id for sale, _ in cases}, with_birthdays=asks_birthdays)


def earning_buyers(buyers: Mapping[int, Buyer]) -> dict[int, Buyer]:
    """Return those of the buyers whose new sales earn: a closed membership earns nothing any more."""
    return {customer_id: buyer for customer_id, buyer in buyers.items() if buyer.earns}


def reckon_cases(cases: Sequence[Case], buyers: Mapping[int, Buyer]) -> list[Booking]:
    """Return what each sale of a member earns; sales of others are left out."""
    ours = [(sale, version) for sale, version in cases if sale.customer_id in buyers]
    rules = {version.id: version.rules for version in versions_of(ours)}
    codes = store_codes(ours)
    visits = _Visits(ours)
    bookings = []
    for sale, version in ours:
        buyer = buyers[sale.customer_id]
        visited = visits.counted(sale)
        earned = reckon(sale, rules[version.id], buyer, store=codes.get(sale.store_id), visited=visited)
        visits.count(sale, earned)
        bookings.append(Booking(sale, version, buyer.earning_class, earned))
    return bookings


def store_codes(cases: Sequence[Case]) -> dict[int, str]:
    """Return the codes of the stores by id, or nothing when no rule asks for stores."""
    if not any(version.rules.asks_stores for version in versions_of(cases)):
        return {}
    return {store.id: store.code for store in stores_by_ids({sale.store_id for sale, _ in cases}).values()}


def book(bookings: Sequence[Booking], *, now: datetime, by: Actor) -> list[Effect]:
    """Write the award lines and let the ledger give their sums."""
    if not bookings:
        return []
    write_lines([row for booking in bookings for row in booking.rows()])
    terms = Terms(min(booking.sale.occurred_at for booking in bookings))
    awards = []
    for sale, version, _, earned, _ in bookings:
        key, reason = award_key(sale.sale_id, sale.version), rules_named(earned)
        awards += awards_of(sale, version, sums_of(earned).items(), key=key, reason=reason, terms=terms)
    return ledger.award(awards, now=now, by=by) if awards else []


class _Visits:
    """Which rules per visit counted one on a day already: at most one counts for each customer and day."""

    def __init__(self, cases: Sequence[Case]) -> None:
        versions = {version.id for version in versions_of(cases) if version.rules.asks_visits}
        asking = [(sale, version) for sale, version in cases if version.id in versions] if versions else []
        self._rules = {rule.code for _, version in asking for rule in version.rules.rules if rule.per == "visit"}
        days = {(sale.customer_id, sale.business_day) for sale, _ in asking}
        self._counted: dict[tuple[int, date], set[tuple[str, int]]] = (
            queries.visits_counted(days, self._rules) if days else {}
        )

    def counted(self, sale: SaleRecorded) -> frozenset[str]:
        """Return the rules that counted another sale of that customer on that day."""
        if not self._rules:
            return frozenset()
        day = (sale.customer_id, sale.business_day)
        return frozenset(rule for rule, sale_id in self._counted.get(day, ()) if sale_id != sale.sale_id)

    def count(self, sale: SaleRecorded, earned: Sequence[Earned]) -> None:
        """Remember what a sale of the same batch counted."""
        if self._rules and (counted := {(one.rule, sale.sale_id) for one in earned if one.rule in self._rules}):
            self._counted.setdefault((sale.customer_id, sale.business_day), set()).update(counted)
