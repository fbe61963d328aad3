"""A member's ledger as pages and programs read it: movements with why they were booked, lots, and what lapses when."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from loyalty.earning.queries import Explained, explain_sale
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.membership.queries.cards import last_day
from loyalty.membership.rules import MovementNotFound

OWN = frozenset({"available", "pending", "held", "debt"})
"""The places of an account; what moves between two of them changes no total."""

_MOVEMENTS = text("""
    SELECT t.id, t.kind, t.debit, t.credit, t.points AS moved, t.key, t.source_kind, t.source_id, t.source_number,
        t.occurred_at, t.booked_at, coalesce(r.remark, t.reason) AS reason, t.actor_name,
        v.kind AS version_kind, v.number AS version_number
    FROM ledger_transactions t
    JOIN points_accounts a ON a.customer_id = t.customer_id AND a.id = t.account_id AND a.unit = :unit
    LEFT JOIN policy_versions v ON v.id = t.policy_version_id
    LEFT JOIN points_remarks r ON r.customer_id = t.customer_id AND r.transaction_id = t.id
    WHERE t.customer_id = :customer_id AND t.id < :before AND t.id >= :from_id
        AND (CAST(:until AS timestamptz) IS NULL OR t.booked_at <= :until)
    ORDER BY t.id DESC LIMIT :most
""")
_LOTS = text("""
    SELECT l.id, l.points, l.remaining, l.state, l.earned_at, l.available_from, l.expires_at,
        t.source_kind, t.source_number
    FROM points_lots l
    JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = 'points'
    JOIN ledger_transactions t ON t.customer_id = l.customer_id AND t.id = l.transaction_id
    WHERE l.customer_id = :customer_id AND l.id < :before
    ORDER BY l.id DESC LIMIT :most
""")
_ENDINGS = text("""
    SELECT l.expires_at, sum(l.remaining)::bigint AS points
    FROM points_lots l
    JOIN points_accounts a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = 'points'
    WHERE l.customer_id = :customer_id AND l.remaining > 0
      AND (l.state = 'open' OR l.available_from <= :now) AND (l.expires_at IS NULL OR l.expires_at > :now)
    GROUP BY l.expires_at ORDER BY l.expires_at NULLS LAST LIMIT :most
""")
_FIRST = 2**63 - 1
MOST_ENDINGS = 12


@dataclass(frozen=True, slots=True)
class Movement:
    """One transaction of the ledger; `moved` is above 0, the rule's version None where no rule was asked."""

    id: int
    kind: str
    debit: str
    credit: str
    moved: int
    key: str
    source_kind: str
    source_id: int | None
    source_number: str
    occurred_at: datetime
    booked_at: datetime
    reason: str
    actor_name: str
    version_kind: str | None
    version_number: int | None

    @property
    def points(self) -> int:
        """What the movement changed in all that the member has: 0 when points were only set aside or made usable."""
        return ((self.credit in OWN) - (self.debit in OWN)) * self.moved

    @property
    def sale_id(self) -> int | None:
        """The sale that the movement is about, or None."""
        return self.source_id if self.source_kind == "sale" else None

    @property
    def request_id(self) -> int | None:
        """The request to a second person that the movement carried out, or None."""
        return self.source_id if self.source_kind == "approval" else None


@dataclass(frozen=True, slots=True)
class LotView:
    """What one award gave and what is left of it; `expires_at` is exclusive, None for no end."""

    id: int
    points: int
    remaining: int
    state: str
    earned_at: datetime
    available_from: datetime | None
    expires_at: datetime | None
    source_kind: str
    source_number: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How many usable points have `day` as their last day; None for no end."""

    day: date | None
    points: int


def movements(
    customer_id: int,
    *,
    unit: str = "points",
    booked_until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Movement]:
    """Return the movements of an account, the latest booked first, from the cursor on; those booked by a moment."""
    asked = {
        "customer_id": customer_id,
        "unit": unit,
        "before": _before(cursor),
        "from_id": 0,
        "until": booked_until,
        "most": limit + 1,
    }
    rows = [Movement(*row) for row in db.session.execute(_MOVEMENTS, asked)]
    return Page(rows[:limit], encode_cursor([rows[limit - 1].id]) if len(rows) > limit else None)


def lots(customer_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[LotView]:
    """Return the lots of points, the youngest first, from the cursor on."""
    asked = {"customer_id": customer_id, "before": _before(cursor), "most": limit + 1}
    rows = [LotView(*row) for row in db.session.execute(_LOTS, asked)]
    return Page(rows[:limit], encode_cursor([rows[limit - 1].id]) if len(rows) > limit else None)


def endings(customer_id: int, *, now: datetime, zone: str) -> list[Ending]:
    """Return what lapses when: usable points by their last day at the store, the nearest first."""
    asked = {"customer_id": customer_id, "now": now, "most": MOST_ENDINGS}
    return [Ending(last_day(row.expires_at, zone), row.points) for row in db.session.execute(_ENDINGS, asked)]


def movement(customer_id: int, movement_id: int, *, unit: str = "points") -> Movement:
    """Return one movement of an account; not found where the member has none of that number."""
    asked = {
        "customer_id": customer_id,
        "unit": unit,
        "before": movement_id + 1,
        "from_id": movement_id,
        "until": None,
        "most": 1,
    }
    for row in db.session.execute(_MOVEMENTS, asked):
        return Movement(*row)
    raise MovementNotFound(id=movement_id)


def reasons(one: Movement, customer_id: int, *, unit: str) -> list[Explained]:
    """Return which lines of its sale gave the points of a movement, by which rule and version; empty for others."""
    if one.sale_id is None:
        return []
    taken = one.points < 0
    return [line for line in explain_sale(customer_id, one.sale_id) if line.unit == unit and (line.points < 0) == taken]


def _before(cursor: str | None) -> int:
    if cursor is None:
        return _FIRST
    before: int
    (before,) = decode_cursor(cursor, (int,))
    return before
