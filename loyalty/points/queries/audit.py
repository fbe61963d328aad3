"""The ledger proved from zero: each promise is one statement that finds the rows which break it.

Nothing is trusted but the append-only rows: figures kept beside them (balances, what remains of lots, holds) must
follow from them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.kernel.db import transaction
from loyalty.points.rules import Finding

MOST_FINDINGS = 1000  # of each check; who has more of one kind does not need the rest by name


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, and the statement that finds what breaks it; its first column is the customer."""

    name: str
    sentence: str
    statement: str


CHECKS = (
    Check(
        "transaction_sums_to_zero",
        "Transaction {transaction_id} has {postings} postings that sum to {total}.",
        """
        SELECT t.customer_id, t.id AS transaction_id, count(p.number) AS postings,
            coalesce(sum(p.points), 0)::bigint AS total
        FROM ledger_transactions t
        LEFT JOIN ledger_postings p ON p.customer_id = t.customer_id AND p.transaction_id = t.id
        GROUP BY t.customer_id, t.id HAVING count(p.number) < 2 OR sum(p.points) <> 0
        """,
    ),
    Check(
        "postings_follow_transaction",
        "Posting {number} of transaction {transaction_id} is not what the transaction says.",
        """
        SELECT p.customer_id, p.transaction_id, p.number
        FROM ledger_postings p
        JOIN ledger_transactions t ON t.customer_id = p.customer_id AND t.id = p.transaction_id
        WHERE (p.number, p.place, p.points) NOT IN ((1, t.debit, -t.points), (2, t.credit, t.points))
           OR p.store_id IS DISTINCT FROM t.store_id
        """,
    ),
    Check(
        "account_follows_postings",
        "Account {account_id} shows {shown}, its postings say {counted} (available, pending, held, debt).",
        """
        SELECT a.customer_id, a.id AS account_id,
            concat_ws(' / ', a.available, a.pending, a.held, a.debt) AS shown,
            concat_ws(' / ', s.available, s.pending, s.held, s.debt) AS counted
        FROM points_accounts a
        LEFT JOIN (
            SELECT t.customer_id, t.account_id,
                coalesce(sum(p.points) FILTER (WHERE p.place = 'available'), 0) AS available,
                coalesce(sum(p.points) FILTER (WHERE p.place = 'pending'), 0) AS pending,
                coalesce(sum(p.points) FILTER (WHERE p.place = 'held'), 0) AS held,
                coalesce(-sum(p.points) FILTER (WHERE p.place = 'debt'), 0) AS debt
            FROM ledger_postings p
            JOIN ledger_transactions t ON t.customer_id = p.customer_id AND t.id = p.transaction_id
            GROUP BY t.customer_id, t.account_id
        ) s ON s.customer_id = a.customer_id AND s.account_id = a.id
        WHERE (a.available, a.pending, a.held, a.debt) IS DISTINCT FROM
            (coalesce(s.available, 0), coalesce(s.pending, 0), coalesce(s.held, 0), coalesce(s.debt, 0))
        """,
    ),
    Check(
        "account_follows_lots",
        "Account {account_id} shows {shown}, its lots and holds say {counted} (available, pending, held).",
        """
        SELECT a.customer_id, a.id AS account_id, concat_ws(' / ', a.available, a.pending, a.held) AS shown,
            concat_ws(' / ', coalesce(l.open, 0), coalesce(l.pending, 0), coalesce(h.held, 0)) AS counted
        FROM points_accounts a
        LEFT JOIN (
            SELECT customer_id, account_id, sum(remaining) FILTER (WHERE state = 'open') AS open,
                sum(remaining) FILTER (WHERE state = 'pending') AS pending
            FROM points_lots WHERE remaining <> 0 GROUP BY customer_id, account_id
        ) l ON l.customer_id = a.customer_id AND l.account_id = a.id
        LEFT JOIN (
            SELECT customer_id, account_id, sum(points) AS held
            FROM points_holds WHERE state = 'held' GROUP BY customer_id, account_id
        ) h ON h.customer_id = a.customer_id AND h.account_id = a.id
        WHERE (a.available, a.pending, a.held) IS DISTINCT FROM
            (coalesce(l.open, 0), coalesce(l.pending, 0), coalesce(h.held, 0))
        """,
    ),
    Check(
        "lot_follows_allocations",
        "Lot {lot_id} of {points} points shows {remaining} left, its allocations say {counted}.",
        """
        SELECT l.customer_id, l.id AS lot_id, l.points, l.remaining,
            (l.points + coalesce(g.moved, 0))::bigint AS counted
        FROM points_lots l
        LEFT JOIN (
            SELECT g.customer_id, g.lot_id, sum(g.points) AS moved
            FROM ledger_allocations g
            JOIN ledger_postings p
                ON p.customer_id = g.customer_id AND p.transaction_id = g.transaction_id AND p.number = g.number
            WHERE p.place IN ('available', 'pending')
            GROUP BY g.customer_id, g.lot_id
        ) g ON g.customer_id = l.customer_id AND g.lot_id = l.id
        WHERE l.remaining <> l.points + coalesce(g.moved, 0) OR l.remaining < 0 OR l.remaining > l.points
           OR (l.state IN ('pending', 'open')) <> (l.remaining > 0)
        """,
    ),
    Check(
        "posting_names_its_lots",
        "Posting {number} of transaction {transaction_id} moves {points} points, its lots say {counted}.",
        """
        SELECT p.customer_id, p.transaction_id, p.number, p.points,
            (coalesce(g.points, 0) + coalesce(l.points, 0))::bigint AS counted
        FROM ledger_postings p
        LEFT JOIN (
            SELECT customer_id, transaction_id, number, sum(points) AS points
            FROM ledger_allocations GROUP BY customer_id, transaction_id, number
        ) g ON g.customer_id = p.customer_id AND g.transaction_id = p.transaction_id AND g.number = p.number
        LEFT JOIN (
            SELECT customer_id, transaction_id, sum(points) AS points
            FROM points_lots GROUP BY customer_id, transaction_id
        ) l ON l.customer_id = p.customer_id AND l.transaction_id = p.transaction_id AND p.number = 2
        WHERE p.points <> coalesce(g.points, 0) + coalesce(l.points, 0)
          AND p.place IN ('available', 'pending', 'held')
        """,
    ),
    Check(
        "earning_has_a_lot",
        "Transaction {transaction_id} gave {points} points without a lot.",
        """
        SELECT t.customer_id, t.id AS transaction_id, t.points
        FROM ledger_transactions t
        WHERE (t.kind IN ('earn', 'migrate', 'transfer_in') OR (t.kind = 'adjust' AND t.debit = 'issued'))
          AND t.credit <> 'debt'
          AND NOT EXISTS (SELECT FROM points_lots l
                          WHERE l.customer_id = t.customer_id AND l.transaction_id = t.id)
        """,
    ),
    Check(
        "allocation_stays_in_account",
        "Transaction {transaction_id} moves points of lot {lot_id}, which belongs to another account.",
        """
        SELECT g.customer_id, g.transaction_id, g.lot_id
        FROM ledger_allocations g
        JOIN ledger_transactions t ON t.customer_id = g.customer_id AND t.id = g.transaction_id
        JOIN points_lots l ON l.customer_id = g.customer_id AND l.id = g.lot_id
        WHERE l.account_id <> t.account_id
        """,
    ),
    Check(
        "no_use_after_the_end",
        "Transaction {transaction_id} used lot {lot_id} at {used_at}, after its end {expires_at}.",
        """
        SELECT g.customer_id, g.transaction_id, g.lot_id, t.booked_at::text AS used_at,
            l.expires_at::text AS expires_at
        FROM ledger_allocations g
        JOIN ledger_transactions t ON t.customer_id = g.customer_id AND t.id = g.transaction_id
        JOIN points_lots l ON l.customer_id = g.customer_id AND l.id = g.lot_id
        WHERE g.points < 0 AND g.number = 1 AND t.debit = 'available' AND t.kind <> 'expire'
          AND l.expires_at <= t.booked_at
        """,
    ),
    Check(
        "returns_stay_within",
        "Transactions about {transaction_id} of {points} points give back or use {moved}.",
        """
        SELECT o.customer_id, o.id AS transaction_id, o.points, sum(r.points)::bigint AS moved
        FROM ledger_transactions r
        JOIN ledger_transactions o ON o.customer_id = r.customer_id AND o.id = r.about_id
        WHERE r.kind IN ('return', 'capture', 'release')
        GROUP BY o.customer_id, o.id, o.points
        HAVING sum(r.points) > o.points
        """,
    ),
    Check(
        "reversal_mirrors",
        "Transaction {transaction_id} reverses {reverses_id}, but is not its mirror.",
        """
        SELECT r.customer_id, r.id AS transaction_id, r.reverses_id
        FROM ledger_transactions r
        JOIN ledger_transactions o ON o.customer_id = r.customer_id AND o.id = r.reverses_id
        WHERE (r.points, r.account_id) <> (o.points, o.account_id) OR r.id <= o.id
           OR r.debit <> o.credit OR (r.credit <> o.debit AND o.kind <> 'capture')
           OR r.about_id IS DISTINCT FROM r.reverses_id
        """,
    ),
    Check(
        "transfers_meet",
        "Transfer {key} gave {given} points and brought {taken}.",
        """
        SELECT min(t.customer_id) AS customer_id, t.key,
            coalesce(sum(t.points) FILTER (WHERE t.kind = 'transfer_out'), 0)::bigint AS given,
            coalesce(sum(t.points) FILTER (WHERE t.kind = 'transfer_in'), 0)::bigint AS taken
        FROM ledger_transactions t WHERE t.kind IN ('transfer_out', 'transfer_in')
        GROUP BY t.key
        HAVING sum(CASE t.kind WHEN 'transfer_out' THEN t.points ELSE -t.points END) <> 0
        """,
    ),
    Check(
        "merged_account_is_empty",
        "Account {account_id} belongs to a customer that was merged into another one, and still has {points} points, "
        "owes {debt} or has {sales} sales of its own.",
        """
        SELECT a.customer_id, a.id AS account_id, coalesce(l.points, 0)::bigint AS points, a.debt,
            coalesce(s.sales, 0) AS sales
        FROM points_accounts a
        JOIN customers c ON c.id = a.customer_id AND c.state = 'merged'
        LEFT JOIN (
            SELECT customer_id, account_id, sum(remaining) AS points FROM points_lots
            WHERE remaining > 0 AND (expires_at IS NULL OR expires_at > now()) GROUP BY customer_id, account_id
        ) l ON l.customer_id = a.customer_id AND l.account_id = a.id
        LEFT JOIN (SELECT customer_id, count(*) AS sales FROM sales WHERE NOT moved GROUP BY customer_id) s
            ON s.customer_id = a.customer_id
        WHERE coalesce(l.points, 0) > 0 OR a.debt > 0 OR a.held > 0 OR s.sales > 0
        """,
    ),
)


def audit(customer_id: int | None = None) -> list[Finding]:
    """Return what breaks a promise of the ledger, with the rows, for all customers or one; empty when all adds up."""
    findings = []
    with transaction() as session, _whole_tables(session) if customer_id is None else nullcontext():
        for check in CHECKS:
            found = session.execute(text(_for_whom(check, customer_id)), {"customer_id": customer_id})
            for row in found.mappings():
                told = {name: value for name, value in row.items() if name != "customer_id"}
                findings.append(Finding(check.name, check.sentence.format(**told), row["customer_id"], told))
    return findings


@contextmanager
def _whole_tables(session: Session) -> Iterator[None]:
    """Read whole tables: without the deadline of a page, and joined by hashing whatever the statistics say.

    Right after a large import the planner takes the tables for small and would join them row by row, for minutes.
    """
    asked = {"enable_nestloop": "off", "statement_timeout": "0"}
    before = {name: session.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar() for name in asked}
    _set(session, asked)
    yield
    _set(session, before)


def _set(session: Session, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        session.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})


def _for_whom(check: Check, customer_id: int | None) -> str:
    mine = "" if customer_id is None else "WHERE f.customer_id = :customer_id"
    return f"SELECT * FROM ({check.statement}) f {mine} LIMIT {MOST_FINDINGS}"  # noqa: S608 - constants of this file
