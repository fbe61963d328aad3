"""Gives what the delivery of a vehicle earns, and takes it back when the delivery was another one, or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loyalty.earning import queries
from loyalty.earning.queries import Booked
from loyalty.earning.rules import WHOLE_SALE, EarningRules, Standing, TakenBack, reckon_event, take_backs
from loyalty.earning.service.awards import Case, buyers_of, earning_buyers, store_codes
from loyalty.earning.service.lines import Booking, Terms, awards_of, rules_named, take_of, version_booked, write_lines
from loyalty.earning.service.standing import standings_of
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points import service as ledger
from loyalty.points.rules import Award, Take
from loyalty.programme.queries import Version, in_force
from loyalty.sales.events import DeliveryCorrected, SaleRecorded, VehicleDelivered
from loyalty.staff.queries import stores_by_ids

SaleOf = tuple[int, int]
"""Customer and sale."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A sale with the lines of its version, and what deliveries have given it and still counts."""

    sale: SaleRecorded
    lines: Sequence[Booked]

    @property
    def standing(self) -> list[Standing]:
        """What deliveries gave and refunds left."""
        return [one for one in standings_of(self.lines) if one.line == WHOLE_SALE and one.awarded]

    @property
    def place(self) -> str:
        """A text that no two bookings of a delivery share: each adds lines to the version of the sale."""
        return f"{self.sale.sale_id}:{self.sale.version}:{sum(line.line == WHOLE_SALE for line in self.lines)}"


def award_deliveries(deliveries: Sequence[VehicleDelivered], *, now: datetime, by: Actor) -> list[Effect]:
    """Give each buyer who is a member what the delivery of a vehicle earns, once for each sale."""
    asking = _asking(deliveries)
    if not asking:
        return []
    with transaction():
        known = _known({(one.customer_id, one.sale_id) for one, _ in asking})
        return _give(_bookings(asking, known), known, now=now, by=by)


def correct_deliveries(corrections: Sequence[DeliveryCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Take back what deliveries gave that were others or none, and give what the corrected ones earn.

    What comes to the same by the same version of the rules stays as it was booked.
    """
    with transaction():
        told = [one for each in corrections for one in (each.before, each.after) if one is not None]
        known = _known({(one.customer_id, one.sale_id) for one in told})
        anew = _bookings(_asking([each.after for each in corrections if each.after is not None]), known, again=True)
        stores = stores_by_ids({each.before.store_id for each in corrections})
        takes, rows = [], []
        for each in corrections:
            key = (each.before.customer_id, each.before.sale_id)
            found = known.get(key)
            if found is None or not found.standing:
                continue
            undone = _undone(found, day_at(each.before.delivered_at, stores[each.before.store_id].zone))
            if key in anew and _same(undone, anew[key]):
                del anew[key]
                continue
            rows += undone.rows()
            takes += _takes(each.before, found, undone)
        write_lines(rows)
        effects = ledger.take_back(takes, now=now, by=by) if takes else []
        return [*effects, *_give(anew, known, now=now, by=by)]


def _asking(deliveries: Sequence[VehicleDelivered]) -> list[tuple[VehicleDelivered, Version]]:
    """Return the deliveries that the rules in force at them reward, with those rules."""
    versions = [(one, in_force("earning", one.delivered_at)) for one in deliveries]
    return [(one, version) for one, version in versions if version is not None and _rewards_delivery(version.rules)]


def _rewards_delivery(rules: EarningRules) -> bool:
    return any(rule.event == "delivery" for rule in rules.rules)


def _known(keys: Collection[SaleOf]) -> dict[SaleOf, _Known]:
    """Return the sales as they are now; one that went to another customer is that one's alone."""
    sales = queries.sales_of(keys)
    lines = queries.booked({(*key, sale.version) for key, sale in sales.items()})
    return {key: _Known(sale, lines.get((*key, sale.version), [])) for key, sale in sales.items()}


def _bookings(
    asking: Sequence[tuple[VehicleDelivered, Version]], known: Mapping[SaleOf, _Known], *, again: bool = False
) -> dict[SaleOf, Booking]:
    """Return what the deliveries earn less what refunds took; a sale that has its reward earns none but `again`."""
    stores = stores_by_ids({one.store_id for one, _ in asking})
    cases: list[Case] = []
    for one, version in asking:
        found = known.get((one.customer_id, one.sale_id))
        if found is not None and (again or not found.standing):
            zone = stores[one.store_id].zone
            day = day_at(one.delivered_at, zone)
            cases.append((found.sale._replace(occurred_at=one.delivered_at, business_day=day, zone=zone), version))
    if not cases:
        return {}
    buyers = earning_buyers(buyers_of(cases))
    codes = store_codes(cases)
    refunded = queries.refunded_lines({(sale.customer_id, sale.sale_id) for sale, _ in cases})
    bookings = {}
    for sale, version in cases:
        key, buyer = (sale.customer_id, sale.sale_id), buyers.get(sale.customer_id)
        if buyer is not None:
            earned = reckon_event("delivery", sale, version.rules, buyer, store=codes.get(sale.store_id))
            standings = [Standing(one.rule, one.line, one.unit, one.basis, one.points) for one in earned]
            taken = take_backs(sale, standings, refunded.get(key, {}))
            bookings[key] = Booking(sale, version, buyer.earning_class, earned, taken)
    return bookings


def _undone(known: _Known, day: date) -> Booking:
    """Return the lines that leave nothing of what a delivery on that day gave, by the rules that gave it."""
    ours = next(line for line in reversed(known.lines) if line.line == WHOLE_SALE)
    taken = [TakenBack(one, one.awarded - one.taken) for one in known.standing if one.awarded > one.taken]
    sale = known.sale._replace(business_day=day)
    return Booking(sale, version_booked(ours.policy_version_id), ours.earning_class, (), taken)


def _same(undone: Booking, anew: Booking) -> bool:
    """Tell whether what would be given anew is just what would be taken: as much, on that day, by those rules."""
    taken = {unit: -points for unit, points in undone.sums().items()}
    return (taken, undone.sale.business_day, undone.version.id) == (
        anew.sums(),
        anew.sale.business_day,
        anew.version.id,
    )


def _takes(before: VehicleDelivered, known: _Known, undone: Booking) -> list[Take]:
    sale = known.sale
    return [
        take_of(
            sale,
            (unit, -points),
            source=("sale", sale.sale_id, sale.number),
            key=f"undelivered:{known.place}",
            policy_version_id=undone.version.id,
            happened=(before.delivered_at, undone.sale.business_day, before.store_id),
        )
        for unit, points in undone.sums().items()
    ]


def _give(
    bookings: Mapping[SaleOf, Booking], known: Mapping[SaleOf, _Known], *, now: datetime, by: Actor
) -> list[Effect]:
    given = {key: booking for key, booking in bookings.items() if booking.sums()}
    if not given:
        return []
    terms = Terms(min(booking.sale.occurred_at for booking in given.values()))
    awards: list[Award] = []
    for key, (sale, version, _, earned, _) in given.items():
        paper, reason = f"delivery:{known[key].place}", rules_named(earned)
        awards += awards_of(sale, version, given[key].sums().items(), key=paper, reason=reason, terms=terms)
    write_lines([row for booking in given.values() for row in booking.rows()])
    return ledger.award(awards, now=now, by=by)
