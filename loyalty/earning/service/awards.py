"""Gives members what their sales and deliveries earn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from loyalty.earning import queries
from loyalty.earning.rules import WHOLE_SALE, Buyer, Earned, EarningRules, reckon, reckon_event
from loyalty.earning.service.lines import Booking, awards_of, rules_named, write_lines
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points import service as ledger
from loyalty.programme.queries import Version, in_force
from loyalty.sales.events import SaleRecorded, VehicleDelivered
from loyalty.staff.queries import stores_by_ids

Case = tuple[SaleRecorded, Version]


def award_sales(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Give each buyer who is a member the points and growth of the sale, by the rules in force when it happened."""
    cases = [(sale, version) for sale in sales if (version := in_force("earning", sale.occurred_at)) is not None]
    if not cases:
        return []
    with transaction():
        buyers = earning_buyers(buyers_of(cases))
        bookings = [booking for booking in reckon_cases(cases, buyers) if booking.earned]
        return book(bookings, now=now, by=by)


def buyers_of(cases: Sequence[Case]) -> dict[int, Buyer]:
    """Return the members among the buyers, with what the rules ask of them."""
    asks_birthdays = any(version.rules.asks_birthdays for _, version in cases)
    return queries.members({sale.customer_id for sale, _ in cases}, with_birthdays=asks_birthdays)


def earning_buyers(buyers: Mapping[int, Buyer]) -> dict[int, Buyer]:
    """Return those of the buyers whose new sales earn: a closed membership earns nothing any more."""
    return {customer_id: buyer for customer_id, buyer in buyers.items() if buyer.earns}


def reckon_cases(cases: Sequence[Case], buyers: Mapping[int, Buyer]) -> list[Booking]:
    """Return what each sale of a member earns; sales of others are left out."""
    ours = [(sale, version) for sale, version in cases if sale.customer_id in buyers]
    codes = store_codes(ours)
    visits = _Visits(ours)
    bookings = []
    for sale, version in ours:
        buyer = buyers[sale.customer_id]
        visited = visits.counted(sale)
        earned = reckon(sale, version.rules, buyer, store=codes.get(sale.store_id), visited=visited)
        visits.count(sale, earned)
        bookings.append(Booking(sale, version, buyer.earning_class, earned))
    return bookings


def store_codes(cases: Sequence[Case]) -> dict[int, str]:
    """Return the codes of the stores by id, or nothing when no rule asks for stores."""
    asking = {sale.store_id for sale, version in cases if version.rules.asks_stores}
    return {store.id: store.code for store in stores_by_ids(asking).values()} if asking else {}


def book(bookings: Sequence[Booking], *, now: datetime, by: Actor) -> list[Effect]:
    """Write the award lines and let the ledger give their sums."""
    write_lines([row for booking in bookings for row in booking.rows()])
    awards = []
    for booking in bookings:
        sale = booking.sale
        key = f"earn:{sale.sale_id}:{sale.version}"
        awards += awards_of(sale, booking.version, booking.sums().items(), key=key, reason=rules_named(booking.earned))
    return ledger.award(awards, now=now, by=by) if awards else []


class _Visits:
    """Which rules per visit counted one on a day already: at most one counts for each customer and day."""

    def __init__(self, cases: Sequence[Case]) -> None:
        asking = [(sale, version) for sale, version in cases if version.rules.asks_visits]
        self._rules = {rule.code for _, version in asking for rule in version.rules.rules if rule.per == "visit"}
        days = {(sale.customer_id, sale.business_day) for sale, _ in asking}
        self._counted: dict[tuple[int, date], set[tuple[str, int]]] = (
            queries.visits_counted(days, self._rules) if days else {}
        )

    def counted(self, sale: SaleRecorded) -> frozenset[str]:
        """Return the rules that counted another sale of that customer on that day."""
        day = (sale.customer_id, sale.business_day)
        return frozenset(rule for rule, sale_id in self._counted.get(day, ()) if sale_id != sale.sale_id)

    def count(self, sale: SaleRecorded, earned: Sequence[Earned]) -> None:
        """Remember what a sale of the same batch counted."""
        counted = {(one.rule, sale.sale_id) for one in earned if one.rule in self._rules}
        if counted:
            self._counted.setdefault((sale.customer_id, sale.business_day), set()).update(counted)


def award_deliveries(deliveries: Sequence[VehicleDelivered], *, now: datetime, by: Actor) -> list[Effect]:
    """Give each buyer who is a member what the delivery of a vehicle earns, once for each sale."""
    versions = {one.sale_id: in_force("earning", one.delivered_at) for one in deliveries}
    asking = [one for one in deliveries if (version := versions[one.sale_id]) and _rewards_delivery(version.rules)]
    if not asking:
        return []
    with transaction():
        sales = queries.sales_of({(one.customer_id, one.sale_id) for one in asking})
        stores = stores_by_ids({one.store_id for one in asking})
        cases = []
        for one in asking:
            version, found = versions[one.sale_id], sales.get((one.customer_id, one.sale_id))
            if version is not None and found is not None:
                zone = stores[one.store_id].zone
                day = day_at(one.delivered_at, zone)
                sale = replace(found, occurred_at=one.delivered_at, business_day=day, zone=zone)
                cases.append((sale, version))
        return _book_deliveries(cases, now=now, by=by)


def _rewards_delivery(rules: EarningRules) -> bool:
    return any(rule.event == "delivery" for rule in rules.rules)


def _book_deliveries(cases: Sequence[Case], *, now: datetime, by: Actor) -> list[Effect]:
    buyers = earning_buyers(buyers_of(cases))
    codes = store_codes(cases)
    known = queries.booked({(sale.customer_id, sale.sale_id, sale.version) for sale, _ in cases})
    bookings, awards = [], []
    for sale, version in cases:
        lines = known.get((sale.customer_id, sale.sale_id, sale.version), [])
        buyer = buyers.get(sale.customer_id)
        if buyer is None or any(line.line == WHOLE_SALE for line in lines):
            continue
        earned = reckon_event("delivery", sale, version.rules, buyer, store=codes.get(sale.store_id))
        booking = Booking(sale, version, buyer.earning_class, earned)
        bookings.append(booking)
        key = f"delivery:{sale.sale_id}"
        awards += awards_of(sale, version, booking.sums().items(), key=key, reason=rules_named(earned))
    write_lines([row for booking in bookings for row in booking.rows()])
    return ledger.award(awards, now=now, by=by) if awards else []
