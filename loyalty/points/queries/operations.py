"""What was redeemed or held under a key, and from which lots."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.db import db
from loyalty.points.rules import HoldNotFound, RedemptionNotFound


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption: what it took from which lots, in order, and how many points went back since."""

    transaction_id: int
    points: int
    cuts: tuple[tuple[int, int], ...]
    returned: int


@dataclass(frozen=True, slots=True)
class HeldPoints:
    """A hold and from which lots it reserved what, in order."""

    id: int
    transaction_id: int
    state: str
    points: int
    cuts: tuple[tuple[int, int], ...]


_CUTS = """
    ARRAY(SELECT g.lot_id FROM ledger_allocations g WHERE g.customer_id = t.customer_id AND g.transaction_id = t.id
          AND g.number = 1 ORDER BY g.position) AS lot_ids,
    ARRAY(SELECT -g.points FROM ledger_allocations g WHERE g.customer_id = t.customer_id AND g.transaction_id = t.id
          AND g.number = 1 ORDER BY g.position) AS shares
"""
_REDEEMED = text(
    "SELECT t.id, t.points, "  # noqa: S608 - made of the constant above
    + _CUTS
    + """,
        coalesce((SELECT sum(r.points) FROM ledger_transactions r
                  WHERE r.customer_id = t.customer_id AND r.account_id = t.account_id AND r.kind = 'return'
                    AND r.about_id = t.id), 0)::bigint AS returned
    FROM ledger_transactions t
    WHERE t.customer_id = :customer_id AND t.account_id = :account_id AND t.key = :key
      AND t.kind IN ('redeem', 'capture')
"""
)
_HELD = text(
    "SELECT h.id, h.transaction_id, h.state, h.points, "  # noqa: S608 - made of the constant above
    + _CUTS
    + """
    FROM points_holds h
    JOIN ledger_transactions t ON t.customer_id = h.customer_id AND t.id = h.transaction_id
    WHERE h.customer_id = :customer_id AND h.account_id = :account_id AND h.key = :key
"""
)
_LAPSED_HOLDS = text("""
    SELECT h.customer_id, a.unit, h.key, t.store_id, h.points
    FROM points_holds h
    JOIN points_accounts a ON a.customer_id = h.customer_id AND a.id = h.account_id
    JOIN ledger_transactions t ON t.customer_id = h.customer_id AND t.id = h.transaction_id
    WHERE h.state = 'held' AND h.until <= :as_of
    ORDER BY h.until LIMIT :most
""")
_LAPSED_HOLDS_COUNT = text("SELECT count(*) FROM points_holds WHERE state = 'held' AND until <= :as_of")
_RIPE = text("""
    SELECT DISTINCT a.customer_id, a.unit
    FROM (SELECT l.customer_id, l.account_id FROM points_lots l
          WHERE l.state = 'pending' AND l.available_from <= :as_of ORDER BY l.available_from LIMIT :most) l
    JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id
""")
_DUE = {
    "activate": text("""
        SELECT count(DISTINCT (customer_id, account_id)) AS accounts, count(*) AS lots,
            coalesce(sum(remaining), 0)::bigint AS points
        FROM points_lots WHERE state = 'pending' AND available_from <= :as_of
    """),
    "expire": text("""
        SELECT count(DISTINCT (customer_id, account_id)) AS accounts, count(*) AS lots,
            coalesce(sum(remaining), 0)::bigint AS points
        FROM points_lots WHERE state = 'open' AND expires_at <= :as_of
    """),
}


def redeemed(customer_id: int, account_id: int, key: str) -> Redeemed:
    """Return the redemption (or captured hold) of that key; RedemptionNotFound when there is none."""
    row = db.session.execute(
        _REDEEMED, {"customer_id": customer_id, "account_id": account_id, "key": key}
    ).one_or_none()
    if row is None:
        raise RedemptionNotFound(key=key)
    return Redeemed(row.id, row.points, tuple(zip(row.lot_ids, row.shares, strict=True)), row.returned)


def held(customer_id: int, account_id: int, key: str) -> HeldPoints:
    """Return the hold of that key; HoldNotFound when there is none."""
    row = db.session.execute(_HELD, {"customer_id": customer_id, "account_id": account_id, "key": key}).one_or_none()
    if row is None:
        raise HoldNotFound(key=key)
    cuts = tuple(zip(row.lot_ids, row.shares, strict=True))
    return HeldPoints(row.id, row.transaction_id, row.state, row.points, cuts)


def lapsed_holds(as_of: datetime, *, most: int) -> list[tuple[int, str, str, int, int]]:
    """Return (customer, unit, key, store, points) of holds whose time is over, oldest first."""
    found = db.session.execute(_LAPSED_HOLDS, {"as_of": as_of, "most": most})
    return [(row.customer_id, row.unit, row.key, row.store_id, row.points) for row in found]


def lapsed_holds_count(as_of: datetime) -> int:
    """Return how many holds' time is over."""
    return int(db.session.execute(_LAPSED_HOLDS_COUNT, {"as_of": as_of}).scalar_one())


def ripe_accounts(as_of: datetime, *, most: int) -> list[tuple[int, str]]:
    """Return (customer, unit) of accounts with pending points whose day has come, for at most `most` lots."""
    return [(row.customer_id, row.unit) for row in db.session.execute(_RIPE, {"as_of": as_of, "most": most})]


def due(step: str, as_of: datetime) -> tuple[int, int, int]:
    """Return how many accounts, lots and points the nightly step "activate" or "expire" would move."""
    row = db.session.execute(_DUE[step], {"as_of": as_of}).one()
    return (row.accounts, row.lots, row.points)
