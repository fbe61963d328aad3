"""Books corrections and refunds, by the version of the rules that was booked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from loyalty.earning import queries
from loyalty.earning.queries import Booked
from loyalty.earning.rules import WHOLE_SALE, Earned, Standing, TakenBack, refunded_in_all, take_backs
from loyalty.earning.service.awards import Case, buyers_of, earning_buyers, reckon_cases
from loyalty.earning.service.lines import (
    BEGINNING,
    Booking,
    Terms,
    awards_of,
    rules_named,
    take_of,
    version_booked,
    write_lines,
)
from loyalty.earning.service.standing import live, standings_of
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points import service as ledger
from loyalty.points.rules import Award, Take
from loyalty.programme.queries import in_force, versions_in_force
from loyalty.sales.events import SaleCorrected, SaleRecorded, SaleRefunded
from loyalty.sales.ports import SaleKey


def correct_sales(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Book the difference between what the old and the new content of each sale earn.

    The new content is reckoned by the version of the rules, and with the tier, of the first booking; a sale that had
    earned nothing is reckoned by the rules in force when it happened.
    """
    with transaction():
        before = queries.booked({_key(one.before) for one in corrections})
        known = {version.id: version for version in versions_in_force("earning", BEGINNING)}
        cases: list[Case] = []
        for one in corrections:
            lines = before.get(_key(one.before), [])
            version = known[lines[0].policy_version_id] if lines else in_force("earning", one.after.occurred_at)
            if version is not None:
                cases.append((one.after, version))
        after = {booking.sale.sale_id: booking for booking in _reckon_anew(cases, before, corrections)}
        write_lines([row for booking in after.values() for row in booking.rows()])
        awards: list[Award] = []
        takes: list[Take] = []
        for one in corrections:
            difference = _Difference(one, before.get(_key(one.before), []), after.get(one.after.sale_id))
            takes += difference.takes()
            awards += difference.awards()
        return [*_take(takes, now=now, by=by), *(ledger.award(awards, now=now, by=by) if awards else [])]


def _key(sale: SaleRecorded) -> tuple[int, int, int]:
    return (sale.customer_id, sale.sale_id, sale.version)


def _reckon_anew(
    cases: Sequence[Case], before: dict[SaleKey, list[Booked]], corrections: Sequence[SaleCorrected]
) -> list[Booking]:
    """Return what the corrected sales have now: their lines, rewards of events as they were, and the refunds so far."""
    old = {one.after.sale_id: before.get(_key(one.before), []) for one in corrections}
    refunded = queries.refunded_lines({(sale.customer_id, sale.sale_id) for sale, _ in cases})
    bookings = []
    for case in _by_class(cases, old):
        sale = case.sale
        events = [_again(line) for line in _events_kept(case, old[sale.sale_id]) if line.points > 0]
        earned = [*case.earned, *events]
        standings = [Standing(one.rule, one.line, one.unit, one.basis, one.points) for one in earned]
        taken = take_backs(sale, standings, refunded.get((sale.customer_id, sale.sale_id), {}))
        bookings.append(case._replace(earned=earned, taken=taken))
    return bookings


def _by_class(cases: Sequence[Case], old: dict[int, list[Booked]]) -> list[Booking]:
    """Reckon the sales with the tiers that counted at their first booking."""
    buyers = buyers_of(cases)
    bookings = []
    plain = [case for case in cases if not old[case[0].sale_id]]
    bookings += reckon_cases(plain, earning_buyers(buyers)) if plain else []
    groups: dict[str | None, list[Case]] = {}
    for sale, version in cases:
        if lines := old[sale.sale_id]:
            groups.setdefault(lines[0].earning_class, []).append((sale, version))
    for earning_class, group in groups.items():
        then = {customer_id: replace(buyer, earning_class=earning_class) for customer_id, buyer in buyers.items()}
        bookings += reckon_cases(group, then)
    return bookings


def _events_kept(booking: Booking, old: Sequence[Booked]) -> list[Booked]:
    """Return what events earned and still counts; a delivery is told anew when the sale goes to another customer."""
    return [line for line in live(old) if line.line == WHOLE_SALE and line.customer_id == booking.sale.customer_id]


def _again(line: Booked) -> Earned:
    return Earned(line.rule, line.line, line.unit, line.points, line.basis, Fraction(line.factor))


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a correction gives or takes: between the lines booked before and those booked now."""

    correction: SaleCorrected
    before: Sequence[Booked]
    after: Booking | None

    def _by_unit(self) -> tuple[dict[str, int], dict[str, int]]:
        old: dict[str, int] = {}
        for line in self.before:
            old[line.unit] = old.get(line.unit, 0) + line.points
        new = {} if self.after is None else self.after.sums()
        return old, new

    @property
    def _same_customer(self) -> bool:
        return self.correction.before.customer_id == self.correction.after.customer_id

    def awards(self) -> list[Award]:
        """Return what the customer of the new content is given."""
        if self.after is None:
            return []
        old, new = self._by_unit()
        more = {unit: points - (old.get(unit, 0) if self._same_customer else 0) for unit, points in new.items()}
        sale = self.correction.after
        return awards_of(
            sale,
            self.after.version,
            [(unit, points) for unit, points in more.items() if points > 0],
            key=f"correct:{sale.sale_id}:{sale.version}",
            reason=rules_named(self.after.earned),
            terms=Terms(sale.occurred_at),
        )

    def takes(self) -> list[Take]:
        """Return what the customer of the old content gives back."""
        old, new = self._by_unit()
        less = {unit: points - (new.get(unit, 0) if self._same_customer else 0) for unit, points in old.items()}
        before, after = self.correction.before, self.correction.after
        sale = before._replace(version=after.version)
        return [
            take_of(
                sale,
                (unit, points),
                source=("sale", sale.sale_id, sale.number),
                key=f"correct:{sale.sale_id}:{sale.version}",
                policy_version_id=self.before[0].policy_version_id,
                happened=(after.occurred_at, after.business_day, after.store_id),
            )
            for unit, points in less.items()
            if points > 0
        ]


def take_back_refunds(refunds: Sequence[SaleRefunded], *, now: datetime, by: Actor) -> list[Effect]:
    """Take back what the refunded part of each sale had earned, by line; in all never more than it earned."""
    with transaction():
        booked = queries.booked({_key(one.sale) for one in refunds})
        standing = {key: standings_of(lines) for key, lines in booked.items()}
        rows: list[dict[str, Any]] = []
        takes: list[Take] = []
        for one in refunds:
            key = _key(one.sale)
            taken = take_backs(one.sale, standing.get(key, []), refunded_in_all(one.refunded_before, one.lines))
            if not taken:
                continue
            standing[key] = _after(standing[key], taken)
            rows += _rows(one, booked[key][0], taken)
            takes += _takes_of(one, booked[key][0], taken)
        write_lines(rows)
        return _take(takes, now=now, by=by)


def _after(standings: Sequence[Standing], taken: Sequence[TakenBack]) -> list[Standing]:
    by_standing = {one.standing: one.points for one in taken}
    return [replace(one, taken=one.taken + by_standing.get(one, 0)) for one in standings]


def _rows(refund: SaleRefunded, first: Booked, taken: Sequence[TakenBack]) -> list[dict[str, Any]]:
    booking = Booking(refund.sale, version_booked(first.policy_version_id), first.earning_class, (), taken)
    return [{**row, "refund_id": refund.refund_id, "business_day": refund.business_day} for row in booking.rows()]


def _takes_of(refund: SaleRefunded, first: Booked, taken: Sequence[TakenBack]) -> list[Take]:
    sums: dict[str, int] = {}
    for one in taken:
        sums[one.standing.unit] = sums.get(one.standing.unit, 0) + one.points
    return [
        take_of(
            refund.sale,
            (unit, points),
            source=("refund", refund.refund_id, refund.number),
            key=f"refund:{refund.refund_id}",
            policy_version_id=first.policy_version_id,
            happened=(refund.occurred_at, refund.business_day, refund.store_id),
        )
        for unit, points in sums.items()
    ]


def _take(takes: Sequence[Take], *, now: datetime, by: Actor) -> list[Effect]:
    return ledger.take_back(takes, now=now, by=by) if takes else []
