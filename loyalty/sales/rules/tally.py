"""What an import comes to: counts and sums that add up over its parts and survive a restart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loyalty.kernel.effects import Effect
from loyalty.kernel.money import Money

ISSUED = ("points.earn", "points.earn_pending")


@dataclass(slots=True)
class Tally:
    """Counts of an import so far; `amounts` by currency in minor units, `effects` by kind with count and points."""

    states: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    zero: int = 0
    amounts: Counter[str] = field(default_factory=Counter)
    effects: dict[str, Counter[str]] = field(default_factory=dict)
    rejected_rows: int = 0
    customers: set[int] = field(default_factory=set)

    def add(self, state: str, customer_id: int | None, currency: str, gross_minor: int) -> None:
        """Count a sale that was taken, or was known already."""
        self.states[state] += 1
        self.amounts[currency] += gross_minor
        self.zero += gross_minor == 0
        if customer_id is not None:
            self.customers.add(customer_id)

    def add_same(self, sales: Sequence[tuple[int, str, int]]) -> None:
        """Count sales that were known already: customer, currency and gross amount of each."""
        self.states["same"] += len(sales)
        self.customers.update([customer_id for customer_id, _, _ in sales])
        for _, currency, gross_minor in sales:
            self.amounts[currency] += gross_minor
            self.zero += gross_minor == 0

    def reject(self, rows: int) -> None:
        """Count a sale of that many rows which was not taken."""
        self.states["rejected"] += 1
        self.rejected_rows += rows

    def tell(self, effects: Iterable[Effect]) -> None:
        """Count what came of the sales, by kind."""
        for effect in effects:
            counted = self.effects.setdefault(effect.kind, Counter())
            counted["count"] += 1
            points = effect.numbers.get("points")
            if isinstance(points, int):
                counted["points"] += points

    def plus(self, other: "Tally") -> "Tally":
        """Return the counts of both together."""
        effects = {kind: Counter(counted) for kind, counted in self.effects.items()}
        for kind, counted in other.effects.items():
            effects.setdefault(kind, Counter()).update(counted)
        return Tally(
            states=self.states + other.states,
            repeated=self.repeated + other.repeated,
            zero=self.zero + other.zero,
            amounts=Counter(
                {**self.amounts, **{name: self.amounts[name] + other.amounts[name] for name in other.amounts}}
            ),
            effects=effects,
            rejected_rows=self.rejected_rows + other.rejected_rows,
            customers=self.customers | other.customers,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the counts as they are stored and shown; customers as their number."""
        taken = {state: self.states[state] for state in ("created", "corrected", "same", "rejected")}
        return {
            "sales": {"total": sum(self.states.values()) - self.states["rejected"], **taken},
            "repeated": self.repeated,
            "rejected_rows": self.rejected_rows,
            "customers": len(self.customers),
            "amounts": {currency: Money(minor, currency).plain() for currency, minor in sorted(self.amounts.items())},
            "minor": dict(self.amounts),
            "zero_sales": self.zero,
            "points_issued": sum(self.effects[kind]["points"] for kind in ISSUED if kind in self.effects),
            "effects": {kind: dict(counted) for kind, counted in sorted(self.effects.items())},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Tally":
        """Return the counts that were stored, to go on from; the customers have to be found again."""
        if not body:
            return cls()
        states = Counter({state: body["sales"][state] for state in ("created", "corrected", "same", "rejected")})
        return cls(
            states=states,
            repeated=body["repeated"],
            zero=body["zero_sales"],
            amounts=Counter(body["minor"]),
            effects={kind: Counter(counted) for kind, counted in body["effects"].items()},
            rejected_rows=body["rejected_rows"],
        )
