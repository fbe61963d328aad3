"""What the programme owes: points that can still be used, by the store that pays for them, and the stores' own sums."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db

_LIABILITY = text("""
    SELECT l.funding_store_id AS store_id, sum(l.remaining)::bigint AS points, count(*) AS lots,
        sum(l.remaining) FILTER (WHERE l.unit_cost_micro IS NULL)::bigint AS points_without_cost,
        sum(l.remaining * l.unit_cost_micro::numeric) AS cost_micro
    FROM points_lots l
    JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = 'points'
    WHERE l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > :now)
      AND (CAST(:stores AS bigint[]) IS NULL OR l.funding_store_id = ANY (CAST(:stores AS bigint[])))
    GROUP BY l.funding_store_id ORDER BY l.funding_store_id
""")
_PLACES = text("""
    SELECT p.store_id, p.place, sum(p.points)::bigint AS points
    FROM ledger_postings p
    JOIN ledger_transactions t ON t.customer_id = p.customer_id AND t.id = p.transaction_id
    JOIN points_accounts a ON a.customer_id = t.customer_id AND a.id = t.account_id AND a.unit = :unit
    WHERE p.place NOT IN ('available', 'pending', 'held', 'debt') AND t.booked_at <= :as_of
      AND (CAST(:stores AS bigint[]) IS NULL OR p.store_id = ANY (CAST(:stores AS bigint[])))
    GROUP BY p.store_id, p.place ORDER BY p.store_id, p.place
""")


@dataclass(frozen=True, slots=True)
class Liability:
    """Points a store has yet to pay for; `cost_minor` covers those lots whose cost was known, rounded up."""

    store_id: int | None
    points: int
    lots: int
    points_without_cost: int
    cost_minor: int


def liability(scope: Scope, *, now: datetime) -> list[Liability]:
    """Return what can still be used, pending points included, by funding store."""
    rows = db.session.execute(_LIABILITY, {"now": now, "stores": _stores(scope)})
    return [
        Liability(
            row.store_id,
            row.points,
            row.lots,
            row.points_without_cost or 0,
            -int(-(row.cost_micro or 0) // 1_000_000),
        )
        for row in rows
    ]


def places(scope: Scope, *, as_of: datetime, unit: str = "points") -> dict[int | None, dict[str, int]]:
    """Return by store what was issued (below 0), redeemed, expired, revoked, written off and transferred."""
    sums: dict[int | None, dict[str, int]] = {}
    for row in db.session.execute(_PLACES, {"as_of": as_of, "unit": unit, "stores": _stores(scope)}):
        sums.setdefault(row.store_id, {})[row.place] = row.points
    return sums


def _stores(scope: Scope) -> list[int] | None:
    return None if scope.stores is None else sorted(scope.stores)
