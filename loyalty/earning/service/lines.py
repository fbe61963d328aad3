"""Award lines as rows, and the papers by which the ledger books their sums."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from loyalty.earning.rules import Earned, TakenBack
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import transaction
from loyalty.kernel.journal import Journal
from loyalty.points.rules import Award, Refunds, Take
from loyalty.programme.queries import Version, in_force, versions_in_force
from loyalty.sales.events import SaleRecorded

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

_LINES = Journal(
    "award_lines",
    {
        "customer_id": "bigint",
        "sale_id": "bigint",
        "version": "integer",
        "refund_id": "bigint",
        "line": "integer",
        "unit": "text",
        "rule": "text",
        "points": "bigint",
        "basis": "text",
        "factor": "text",
        "earning_class": "text",
        "business_day": "date",
        "policy_version_id": "bigint",
    },
)


class Booking(NamedTuple):
    """What a sale earned by a version of the rules, and what refunds have taken of it already."""

    sale: SaleRecorded
    version: Version
    earning_class: str | None
    earned: Sequence[Earned]
    taken: Sequence[TakenBack] = ()

    def sums(self) -> dict[str, int]:
        """Return what the sale has by unit, refunds taken off; units without anything are absent."""
        sums = sums_of(self.earned)
        for taken in self.taken:
            unit = taken.standing.unit
            sums[unit] = sums.get(unit, 0) - taken.points
        return {unit: points for unit, points in sums.items() if points}

    def rows(self) -> list[dict[str, Any]]:
        """Return the award lines, those of the refunds behind the others."""
        rows = [self._row(one.line, one.unit, one.rule, one.points, one.basis, one.factor) for one in self.earned]
        for taken in self.taken:
            standing = taken.standing
            rows.append(
                self._row(standing.line, standing.unit, standing.rule, -taken.points, standing.basis, Fraction(1))
            )
        return rows

    def _row(self, line: int, unit: str, rule: str, points: int, basis: str, factor: Fraction) -> dict[str, Any]:
        return {
            "customer_id": self.sale.customer_id,
            "sale_id": self.sale.sale_id,
            "version": self.sale.version,
            "line": line,
            "unit": unit,
            "rule": rule,
            "points": points,
            "basis": basis,
            "factor": str(factor),
            "earning_class": self.earning_class,
            "business_day": self.sale.business_day,
            "policy_version_id": self.version.id,
        }


def sums_of(earned: Iterable[Earned]) -> dict[str, int]:
    """Return what was earned by unit."""
    sums: dict[str, int] = {}
    for one in earned:
        sums[one.unit] = sums.get(one.unit, 0) + one.points
    return sums


class Terms:
    """When the points of sales can be used and when they end, by the policies in force at `since` and later."""

    def __init__(self, since: datetime) -> None:
        self._versions = versions_in_force("expiry", since)
        self._starts = [version.effective_from for version in self._versions]
        self._ends: dict[tuple[int, date, str], tuple[datetime | None, bool]] = {}

    def waits(self, sale: SaleRecorded, version: Version) -> datetime | None:
        """Return when the points of a sale can be used, or None when that is at once."""
        days = version.rules.pending_days
        return midnight(sale.business_day + timedelta(days=days), sale.zone) if days else None

    def ends(self, sale: SaleRecorded) -> tuple[datetime | None, bool]:
        """Return when the points of a sale end, None for never, and whether the lots that are there end then too."""
        place = bisect_right(self._starts, sale.occurred_at)
        if not place:
            return None, False
        asked = (place, sale.business_day, sale.zone)
        if asked not in self._ends:  # the sales of a file share some hundred days
            expiry = self._versions[place - 1].rules
            self._ends[asked] = (expiry.end_for(sale.business_day, sale.zone), expiry.rolls)
        return self._ends[asked]


def version_booked(version_id: int) -> Version:
    """Return the version of the earning rules by which something was booked."""
    return next(version for version in versions_in_force("earning", BEGINNING) if version.id == version_id)


def write_lines(rows: Sequence[dict[str, Any]]) -> None:
    """Add the award lines, as the transaction ends."""
    if rows:
        with transaction():
            _LINES.add(rows)


def awards_of(
    sale: SaleRecorded, version: Version, sums: Iterable[tuple[str, int]], *, key: str, reason: str, terms: Terms
) -> list[Award]:
    """Return what the ledger is to give for a sale: points wait and end as policies say, growth never does."""
    waits, (ends, rolls) = terms.waits(sale, version), terms.ends(sale)
    return [
        Award(
            key=f"{key}:{unit}",
            customer_id=sale.customer_id,
            unit=unit,
            points=points,
            source_kind="sale",
            source_id=sale.sale_id,
            source_number=sale.number,
            store_id=sale.store_id,
            occurred_at=sale.occurred_at,
            business_day=sale.business_day,
            available_from=waits if unit == "points" else None,
            expires_at=ends if unit == "points" else None,
            policy_version_id=version.id,
            reason=reason,
            rolls=rolls and unit == "points",
        )
        for unit, points in sums
    ]


def rules_named(earned: Sequence[Earned]) -> str:
    """Return the codes of the rules and their factors, as they stand in the ledger: `base, service × 6/5`."""
    if len(earned) == 1 and earned[0].factor == 1:
        return earned[0].rule
    named: dict[str, None] = {}
    for one in earned:
        named[one.rule if one.factor == 1 else f"{one.rule} × {one.factor}"] = None
    return ", ".join(named)


def take_of(
    sale: SaleRecorded,
    amount: tuple[str, int],
    *,
    source: tuple[str, int, str],
    key: str,
    policy_version_id: int,
    happened: tuple[datetime, date, int],
) -> Take:
    """Return a take of (unit, points) from the lots of the sale first; what is missing goes by its refund policy."""
    unit, points = amount
    policy = in_force("refunds", sale.occurred_at)
    return Take(
        key=f"{key}:{unit}",
        customer_id=sale.customer_id,
        unit=unit,
        points=points,
        source_kind=source[0],
        source_id=source[1],
        source_number=source[2],
        store_id=happened[2],
        occurred_at=happened[0],
        business_day=happened[1],
        policy_version_id=policy_version_id,
        reason=sale.number,
        shortfall=(Refunds() if policy is None else policy.rules).shortfall,
        award_source_kind="sale",
        award_source_id=sale.sale_id,
    )
