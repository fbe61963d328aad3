"""How accounts stand: now, from their lots; at a moment in the past, from the ledger.

A lot whose end is reached is not counted as usable, and one whose day has come is, whether the nightly job has seen
them or not: what is shown is what a redemption would find.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextualSelect, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, DateTime

from loyalty.kernel.db import ask_ahead, db, id_array, in_transaction, kept, run, told_ahead
from loyalty.points.rules import Balance

# Debts are settled as soon as there is something usable, so usable and owed points net out here as they would there.
_NOW = """
    SELECT a.customer_id, a.id AS account_id, a.earning_class, a.held,
        greatest(coalesce(l.usable, 0) - a.debt, 0)::bigint AS available,
        coalesce(l.pending, 0)::bigint AS pending,
        greatest(a.debt - coalesce(l.usable, 0), 0)::bigint AS debt,
        l.next_end_at, coalesce(l.next_end_points, 0)::bigint AS next_end_points
    FROM points_accounts a
    LEFT JOIN LATERAL (
        SELECT sum(s.remaining) FILTER (WHERE s.ripe) AS usable,
            sum(s.remaining) FILTER (WHERE NOT s.ripe) AS pending,
            min(s.expires_at) FILTER (WHERE s.ripe) AS next_end_at,
            sum(s.remaining) FILTER (WHERE s.ripe AND s.expires_at = s.nearest) AS next_end_points
        FROM (
            SELECT l.remaining, l.expires_at, l.ripe, min(l.expires_at) FILTER (WHERE l.ripe) OVER () AS nearest
            FROM (
                SELECT l.remaining, l.expires_at, l.state = 'open' OR l.available_from <= :now AS ripe
                FROM points_lots l
                WHERE l.customer_id = a.customer_id AND l.account_id = a.id AND l.remaining > 0
                  AND (l.expires_at IS NULL OR l.expires_at > :now OR
                       (l.state = 'pending' AND l.available_from > :now))
            ) l
        ) s
    ) l ON true
"""
_BALANCES = text(_NOW + " WHERE a.customer_id = ANY (CAST(:customer_ids AS bigint[])) AND a.unit = :unit")

# The ledger as it stood: postings up to the moment, and of each lot what its birth and its allocations left of it.
_AS_OF = text("""
    SELECT coalesce(sum(p.points) FILTER (WHERE p.place = 'available'), 0)::bigint
            - coalesce(max(l.lapsed), 0)::bigint AS available,
        coalesce(sum(p.points) FILTER (WHERE p.place = 'pending'), 0)::bigint AS pending,
        coalesce(sum(p.points) FILTER (WHERE p.place = 'held'), 0)::bigint AS held,
        coalesce(-sum(p.points) FILTER (WHERE p.place = 'debt'), 0)::bigint AS debt,
        max(l.next_end_at) AS next_end_at, coalesce(max(l.next_end_points), 0)::bigint AS next_end_points
    FROM points_accounts a
    JOIN ledger_transactions t ON t.customer_id = a.customer_id AND t.account_id = a.id AND t.booked_at <= :as_of
    JOIN ledger_postings p ON p.customer_id = t.customer_id AND p.transaction_id = t.id
    LEFT JOIN (
        SELECT l.customer_id,
            sum(l.usable) FILTER (WHERE l.expires_at <= :as_of) AS lapsed,
            min(l.expires_at) FILTER (WHERE l.expires_at > :as_of AND l.usable > 0) AS next_end_at,
            (array_agg(l.ending ORDER BY l.expires_at) FILTER (WHERE l.expires_at > :as_of AND l.usable > 0))[1]
                AS next_end_points
        FROM (
            SELECT u.customer_id, u.expires_at, u.usable,
                sum(u.usable) OVER (PARTITION BY u.expires_at) AS ending
            FROM (
                SELECT l.customer_id, l.id, coalesce((
                        SELECT e.ended_at FROM points_lot_ends e
                        WHERE e.customer_id = l.customer_id AND e.lot_id = l.id AND e.moved_at > :as_of
                        ORDER BY e.moved_at LIMIT 1), l.expires_at) AS expires_at,
                    (CASE born.credit WHEN 'available' THEN l.points ELSE 0 END
                     + coalesce(sum(m.points) FILTER (WHERE m.place = 'available'), 0)) AS usable
                FROM points_lots l
                JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = :unit
                JOIN ledger_transactions born ON born.customer_id = l.customer_id AND born.id = l.transaction_id
                LEFT JOIN LATERAL (
                    SELECT g.points, p.place FROM ledger_allocations g
                    JOIN ledger_postings p ON p.customer_id = g.customer_id
                        AND p.transaction_id = g.transaction_id AND p.number = g.number
                    JOIN ledger_transactions t ON t.customer_id = g.customer_id AND t.id = g.transaction_id
                    WHERE g.customer_id = l.customer_id AND g.lot_id = l.id AND t.booked_at <= :as_of
                ) m ON true
                WHERE l.customer_id = :customer_id AND born.booked_at <= :as_of
                GROUP BY l.customer_id, l.id, l.expires_at, l.points, born.credit
            ) u
        ) l
        GROUP BY l.customer_id
    ) l ON l.customer_id = a.customer_id
    WHERE a.customer_id = :customer_id AND a.unit = :unit
""")

_SUMMARY = (
    "WITH b AS ("  # noqa: S608 - made of the constant above
    + _NOW
    + """
        WHERE a.customer_id = :customer_id AND a.unit = 'points')
    SELECT b.customer_id, b.available, b.pending, b.held, b.debt, b.next_end_at, b.next_end_points,
        coalesce((
            SELECT jsonb_agg(jsonb_build_array(
                m.id, m.kind, m.debit, m.credit, m.points, m.occurred_at, m.source_kind, m.source_number, m.told)
                ORDER BY m.id DESC)
            FROM (SELECT t.*, coalesce(r.remark, t.reason) AS told FROM ledger_transactions t
                  LEFT JOIN points_remarks r ON r.customer_id = t.customer_id AND r.transaction_id = t.id
                  WHERE t.customer_id = b.customer_id AND t.account_id = b.account_id
                  ORDER BY t.id DESC LIMIT 10) m), '[]') AS movements
    FROM b
"""
)
_CLASSES = text("""
    SELECT customer_id, earning_class, earns FROM points_accounts
    WHERE customer_id = ANY (ARRAY(SELECT unnest(CAST(:customer_ids AS bigint[])))) AND unit = :unit
""")
_KEPT_CLASSES, _ASKED_CLASSES = "points.earners", "points.earners asked"


def balance(customer_id: int, *, now: datetime, as_of: datetime | None = None, unit: str = "points") -> Balance:
    """Return how the account stands now, or stood at `as_of`; all 0 without an account.

    The points are those of that moment. What ended next is told by the ends of now, which activity may have moved on
    since: see `lots_as_of`.
    """
    if as_of is None:
        return balances([customer_id], now=now, unit=unit).get(customer_id, Balance())
    asked = {"customer_id": customer_id, "unit": unit, "as_of": as_of}
    row = db.session.execute(_AS_OF, asked).one()
    return Balance(row.available, row.pending, row.held, row.debt, row.next_end_at, row.next_end_points)


def balances(customer_ids: Collection[int], *, now: datetime, unit: str = "points") -> dict[int, Balance]:
    """Return how the accounts stand now, by customer; who has none is missing."""
    rows = db.session.execute(_BALANCES, {"customer_ids": list(customer_ids), "unit": unit, "now": now})
    return {
        row.customer_id: Balance(row.available, row.pending, row.held, row.debt, row.next_end_at, row.next_end_points)
        for row in rows
    }


def summary_select() -> TextualSelect:
    """Return the statement of one customer's points and last 10 movements, to be run or joined as a subquery.

    It takes `customer_id` and `now`. `movements` is a list, newest first, of [id, kind, debit, credit, points,
    occurred_at, source kind, source number, reason].
    """
    return text(_SUMMARY).columns(
        customer_id=BigInteger,
        available=BigInteger,
        pending=BigInteger,
        held=BigInteger,
        debt=BigInteger,
        next_end_at=DateTime(timezone=True),
        next_end_points=BigInteger,
        movements=JSONB,
    )


@dataclass(frozen=True, slots=True)
class Earner:
    """Somebody with an account: the tier code that earning multiplies by, and whether new sales earn at all."""

    earning_class: str | None
    earns: bool


def earners(customer_ids: Collection[int], unit: str = "points") -> dict[int, Earner]:
    """Return those of the customers who have an account of the unit: whoever is or was a member.

    Several features ask about the same customers, so a transaction keeps what it has read.
    """
    known: dict[tuple[int, str], list[Earner]] = kept().setdefault(_KEPT_CLASSES, {}) if in_transaction() else {}
    new = [customer_id for customer_id in customer_ids if (customer_id, unit) not in known]
    if new:
        rows = told_ahead(_ASKED_CLASSES, new) if unit == "points" else None
        known.update(((customer_id, unit), []) for customer_id in new)
        for row in run(_CLASSES, {"customer_ids": id_array(new), "unit": unit}) if rows is None else rows:
            if (row.customer_id, unit) in known:
                known[row.customer_id, unit].append(Earner(row.earning_class, row.earns))
    return {customer_id: found[0] for customer_id in customer_ids if (found := known[customer_id, unit])}


def ask_earners(customer_ids: Collection[int]) -> None:
    """Ask ahead which of the customers have an account of points."""
    ask_ahead(_ASKED_CLASSES, customer_ids, _CLASSES, {"customer_ids": id_array(customer_ids), "unit": "points"})


def forget_earners() -> None:
    """Let accounts be read again within this transaction, after some were opened or their class was set in it."""
    kept().pop(_KEPT_CLASSES, None)
    told_ahead(_ASKED_CLASSES, ())


def accounts_of(customer_ids: Collection[int], unit: str = "points") -> set[int]:
    """Return which of the customers have an account of the unit."""
    return set(earners(customer_ids, unit))
