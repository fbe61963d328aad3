"""The ledger's rows for people and programs: movements, lots, and why a row is what it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text

from loyalty.kernel.db import db
from loyalty.kernel.errors import NotFound
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor, page_size
from loyalty.points.models import LedgerTransaction, PointsAccount, PointsLot, Remark
from loyalty.programme.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class EntryView:
    """One movement: `points` went from `debit` to `credit`; the version is that of the rule by which it was booked."""

    id: int
    kind: str
    debit: str
    credit: str
    points: int
    source_kind: str
    source_id: int | None
    source_number: str
    store_id: int | None
    occurred_at: datetime
    booked_at: datetime
    business_day: date
    reason: str
    policy_kind: str | None
    policy_number: int | None
    actor_kind: str
    actor_name: str
    key: str

    @property
    def change(self) -> int:
        """Return by how much the usable points changed."""
        return self.points * ((self.credit == "available") - (self.debit == "available"))


@dataclass(frozen=True, slots=True)
class LotView:
    """What one award gave, what remains, and from when until when it can be used."""

    id: int
    points: int
    remaining: int
    state: str
    earned_at: datetime
    available_from: datetime | None
    expires_at: datetime | None
    transaction_id: int
    source_kind: str
    source_number: str
    store_id: int | None


@dataclass(frozen=True, slots=True)
class LotUse:
    """What an entry took from a lot (below 0) or gave to it, and the document that the lot was earned for."""

    lot_id: int
    points: int
    source_kind: str
    source_number: str
    earned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry is what it is: the entry, the lots it touched, and the entries it belongs to or that followed."""

    entry: EntryView
    lots: tuple[LotUse, ...]
    related: tuple[EntryView, ...]


_ENTRY = (
    select(
        LedgerTransaction.id,
        LedgerTransaction.kind,
        LedgerTransaction.debit,
        LedgerTransaction.credit,
        LedgerTransaction.points,
        LedgerTransaction.source_kind,
        LedgerTransaction.source_id,
        LedgerTransaction.source_number,
        LedgerTransaction.store_id,
        LedgerTransaction.occurred_at,
        LedgerTransaction.booked_at,
        LedgerTransaction.business_day,
        func.coalesce(Remark.remark, LedgerTransaction.reason),
        PolicyVersion.kind,
        PolicyVersion.number,
        LedgerTransaction.actor_kind,
        LedgerTransaction.actor_name,
        LedgerTransaction.key,
    )
    .join(
        PointsAccount,
        (PointsAccount.customer_id == LedgerTransaction.customer_id)
        & (PointsAccount.id == LedgerTransaction.account_id),
    )
    .outerjoin(PolicyVersion, PolicyVersion.id == LedgerTransaction.policy_version_id)
    .outerjoin(
        Remark,
        (Remark.customer_id == LedgerTransaction.customer_id) & (Remark.transaction_id == LedgerTransaction.id),
    )
)
_LOT_USES = text("""
    SELECT l.id, g.points, t.source_kind, t.source_number, l.earned_at, l.expires_at
    FROM (
        SELECT g.lot_id, g.position, sum(g.points)::bigint AS points
        FROM ledger_allocations g
        JOIN ledger_postings p
            ON p.customer_id = g.customer_id AND p.transaction_id = g.transaction_id AND p.number = g.number
        WHERE g.customer_id = :customer_id AND g.transaction_id = :transaction_id AND p.place <> 'pending'
          AND NOT (p.place = 'held' AND p.points > 0)
        GROUP BY g.lot_id, g.position
        UNION ALL
        SELECT l.id, NULL, l.points FROM points_lots l
        WHERE l.customer_id = :customer_id AND l.transaction_id = :transaction_id
    ) g
    JOIN points_lots l ON l.customer_id = :customer_id AND l.id = g.lot_id
    JOIN ledger_transactions t ON t.customer_id = l.customer_id AND t.id = l.transaction_id
    ORDER BY g.position, l.id
""")

# What its birth and its allocations had left of each lot; one that held anything then was pending or open.
_LOTS_AS_OF = text("""
    SELECT l.id, l.points, (l.points + coalesce(m.moved, 0))::bigint AS remaining,
        CASE WHEN born.credit = 'pending' AND NOT coalesce(m.activated, false) THEN 'pending' ELSE 'open' END AS state,
        l.earned_at, l.available_from, past.expires_at, l.transaction_id, born.source_kind, born.source_number,
        born.store_id
    FROM points_lots l
    JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = :unit
    JOIN ledger_transactions born ON born.customer_id = l.customer_id AND born.id = l.transaction_id
    LEFT JOIN LATERAL (
        SELECT sum(g.points) FILTER (WHERE p.place IN ('available', 'pending')) AS moved,
            bool_or(t.kind = 'activate') AS activated
        FROM ledger_allocations g
        JOIN ledger_postings p
            ON p.customer_id = g.customer_id AND p.transaction_id = g.transaction_id AND p.number = g.number
        JOIN ledger_transactions t ON t.customer_id = g.customer_id AND t.id = g.transaction_id
        WHERE g.customer_id = l.customer_id AND g.lot_id = l.id AND t.booked_at <= :as_of
    ) m ON true
    CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT e.ended_at FROM points_lot_ends e
            WHERE e.customer_id = l.customer_id AND e.lot_id = l.id AND e.moved_at > :as_of
            ORDER BY e.moved_at LIMIT 1), l.expires_at) AS expires_at
    ) past
    WHERE l.customer_id = :customer_id AND born.booked_at <= :as_of AND l.points + coalesce(m.moved, 0) > 0
      AND (past.expires_at IS NULL OR past.expires_at > :as_of)
    ORDER BY past.expires_at NULLS LAST, l.earned_at, l.id
""")


def entries(
    customer_id: int,
    *,
    unit: str = "points",
    as_of: datetime | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[EntryView]:
    """Return movements, newest first, that were booked up to `as_of`."""
    size = page_size(limit)
    asked = _ENTRY.where(LedgerTransaction.customer_id == customer_id, PointsAccount.unit == unit)
    if as_of is not None:
        asked = asked.where(LedgerTransaction.booked_at <= as_of)
    if cursor is not None:
        (before_id,) = decode_cursor(cursor, [int])
        asked = asked.where(LedgerTransaction.id < before_id)
    found = _views(asked.order_by(LedgerTransaction.id.desc()).limit(size + 1))
    more = len(found) > size
    return Page(found[:size], encode_cursor([found[size - 1].id]) if more else None)


def lots(customer_id: int, *, now: datetime, unit: str = "points", spent: bool = False) -> list[LotView]:
    """Return the lots that hold points (with `spent` all), in the order in which they will be used."""
    asked = (
        select(
            PointsLot.id,
            PointsLot.points,
            PointsLot.remaining,
            PointsLot.state,
            PointsLot.earned_at,
            PointsLot.available_from,
            PointsLot.expires_at,
            PointsLot.transaction_id,
            LedgerTransaction.source_kind,
            LedgerTransaction.source_number,
            LedgerTransaction.store_id,
        )
        .join(
            PointsAccount,
            (PointsAccount.customer_id == PointsLot.customer_id) & (PointsAccount.id == PointsLot.account_id),
        )
        .join(
            LedgerTransaction,
            (LedgerTransaction.customer_id == PointsLot.customer_id)
            & (LedgerTransaction.id == PointsLot.transaction_id),
        )
        .where(PointsLot.customer_id == customer_id, PointsAccount.unit == unit)
        .order_by(PointsLot.expires_at.asc().nulls_last(), PointsLot.earned_at, PointsLot.id)
    )
    if not spent:
        asked = asked.where(PointsLot.remaining > 0, PointsLot.expires_at.is_(None) | (PointsLot.expires_at > now))
    return [LotView(*row) for row in db.session.execute(asked)]


def lots_as_of(customer_id: int, as_of: datetime, *, unit: str = "points") -> list[LotView]:
    """Return the lots that held points at a moment in the past, as the ledger stood then, in use order.

    What they held, their states and their ends are those of that moment, whatever activity has prolonged since.
    """
    found = db.session.execute(_LOTS_AS_OF, {"customer_id": customer_id, "unit": unit, "as_of": as_of})
    return [LotView(*row) for row in found]


def explain_entry(customer_id: int, transaction_id: int) -> Explanation:
    """Return why an entry is what it is; NotFound when the customer has no such entry."""
    mine = LedgerTransaction.customer_id == customer_id
    found = _views(_ENTRY.where(mine, LedgerTransaction.id == transaction_id))
    if not found:
        raise NotFound
    entry = found[0]
    about = select(LedgerTransaction.about_id).where(mine, LedgerTransaction.id == transaction_id).scalar_subquery()
    account = select(LedgerTransaction.account_id).where(mine, LedgerTransaction.id == transaction_id).scalar_subquery()
    related = _views(
        _ENTRY.where(
            mine,
            LedgerTransaction.account_id == account,
            LedgerTransaction.id != transaction_id,
            (LedgerTransaction.key == entry.key)
            | (LedgerTransaction.about_id == transaction_id)
            | (LedgerTransaction.id == about),
        ).order_by(LedgerTransaction.id)
    )
    uses = db.session.execute(_LOT_USES, {"customer_id": customer_id, "transaction_id": transaction_id})
    return Explanation(entry, tuple(LotUse(*row) for row in uses), tuple(related))


def _views(asked: Select[*tuple[Any, ...]]) -> list[EntryView]:
    return [EntryView(*row) for row in db.session.execute(asked)]
