"""Award lines as rows, and the papers by which the ledger books their sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from loyalty.earning.rules import Earned, EarningRules, TakenBack
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import transaction
from loyalty.kernel.journal import Journal
from loyalty.points.rules import Award
from loyalty.programme.queries import Version, in_force
from loyalty.sales.events import SaleRecorded

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


@dataclass(frozen=True, slots=True)
class Booking:
    """What a sale earned by a version of the rules, and what refunds have taken of it already."""

    sale: SaleRecorded
    version: Version
    earning_class: str | None
    earned: Sequence[Earned]
    taken: Sequence[TakenBack] = ()

    def sums(self) -> dict[str, int]:
        """Return what the sale has by unit, refunds taken off; units without anything are absent."""
        sums: dict[str, int] = {}
        for one in self.earned:
            sums[one.unit] = sums.get(one.unit, 0) + one.points
        for taken in self.taken:
            sums[taken.standing.unit] -= taken.points
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


def write_lines(rows: Sequence[dict[str, Any]]) -> None:
    """Add the award lines, as the transaction ends."""
    if rows:
        with transaction():
            _LINES.add(rows)


def awards_of(
    sale: SaleRecorded, version: Version, sums: Iterable[tuple[str, int]], *, key: str, reason: str
) -> list[Award]:
    """Return what the ledger is to give for a sale: points wait and end as policies say, growth never does."""
    rules: EarningRules = version.rules
    waits = midnight(sale.business_day + timedelta(days=rules.pending_days), sale.zone) if rules.pending_days else None
    expiry = in_force("expiry", sale.occurred_at)
    ends = None if expiry is None else expiry.rules.end_for(sale.business_day, sale.zone)
    rolls = expiry is not None and expiry.rules.rolls
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


def rules_named(earned: Iterable[Earned]) -> str:
    """Return the codes of the rules and their factors, as they stand in the ledger: `base, service × 6/5`."""
    named: dict[str, None] = {}
    for one in earned:
        named[one.rule if one.factor == 1 else f"{one.rule} × {one.factor}"] = None
    return ", ".join(named)
