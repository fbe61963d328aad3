"""What sales brought their buyer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from loyalty.kernel.db import db, run
from loyalty.kernel.effects import Effect
from loyalty.points.rules import effect_of


@dataclass(frozen=True, slots=True)
class Earned:
    """What one sale brought: points, those among them that had to wait, growth, and the usable points after it.

    `balance` is None for a sale that brought growth only.
    """

    points: int
    waiting: int
    growth: int
    balance: int | None


_EARNED = text("""
    SELECT source_id,
        coalesce(sum(points) FILTER (WHERE unit = 'points'), 0)::bigint AS points,
        coalesce(sum(points) FILTER (WHERE unit = 'points' AND credit = 'pending'), 0)::bigint AS waiting,
        coalesce(sum(points) FILTER (WHERE unit = 'growth'), 0)::bigint AS growth,
        (array_agg(balance ORDER BY id DESC) FILTER (WHERE unit = 'points'))[1]::bigint AS balance
    FROM (
        SELECT t.id, t.kind, t.source_kind, t.source_id, t.credit, t.points, a.unit,
            sum(t.points * ((t.credit = 'available')::int - (t.debit = 'available')::int))
                OVER (PARTITION BY t.account_id ORDER BY t.id) AS balance
        FROM ledger_transactions t
        JOIN points_accounts a ON a.customer_id = t.customer_id AND a.id = t.account_id
        WHERE t.customer_id = :customer_id
    ) t
    WHERE kind IN ('earn', 'transfer_in') AND source_kind = 'sale' AND source_id = ANY(:sale_ids)
    GROUP BY source_id
""")


def earned_by_sales(customer_id: int, sale_ids: Collection[int]) -> dict[int, Earned]:
    """Return what those of the customer's sales brought that brought anything, by sale."""
    if not sale_ids:
        return {}
    rows = db.session.execute(_EARNED, {"customer_id": customer_id, "sale_ids": sorted(sale_ids)})
    return {row.source_id: Earned(row.points, row.waiting, row.growth, row.balance) for row in rows}


_BOOKED = text("""
    SELECT t.customer_id, t.key, t.kind, t.points, a.unit, t.source_number AS number, t.debit, t.credit,
        lot.available_from AS from_at, lot.expires_at AS ends_at
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:keys AS text[])) AS asked (customer_id, key)
    JOIN ledger_transactions t ON t.customer_id = asked.customer_id AND t.key = asked.key
    JOIN points_accounts a ON a.customer_id = t.customer_id AND a.id = t.account_id
    LEFT JOIN LATERAL (
        SELECT available_from, expires_at FROM points_lots
        WHERE customer_id = t.customer_id AND transaction_id = t.id ORDER BY id LIMIT 1
    ) AS lot ON true
    ORDER BY t.id
""")
_NUMBERS = ("points", "unit", "number", "debit", "credit", "from_at", "ends_at")


def effects_of_keys(asked: Sequence[tuple[int, str]]) -> Mapping[str, Sequence[Effect]]:
    """Return by key what was booked under each (customer, key) in words and numbers, as it was told then."""
    found = run(_BOOKED, {"customer_ids": [customer_id for customer_id, _ in asked], "keys": [key for _, key in asked]})
    told: dict[str, list[Effect]] = {}
    for row in found:
        numbers = {name: getattr(row, name) for name in _NUMBERS}
        told.setdefault(row.key, []).append(effect_of(row.kind, numbers, row.customer_id))
    return told
