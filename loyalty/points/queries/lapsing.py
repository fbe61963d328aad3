"""Which points end soon, and whose they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.db import db

_ANY = text("""
    SELECT EXISTS (SELECT FROM points_lots WHERE state = 'open' AND expires_at > :after AND expires_at <= :until)
""")
_LAST = text("""
    SELECT max(customer_id) FROM (
        SELECT customer_id FROM points_accounts WHERE unit = 'points' AND customer_id > :after
        ORDER BY customer_id LIMIT :size
    ) AS chunk
""")
_LAPSING = text("""
    SELECT l.customer_id, l.account_id, l.expires_at, sum(l.remaining)::bigint AS points
    FROM points_lots AS l
    JOIN points_accounts AS a ON a.customer_id = l.customer_id AND a.id = l.account_id AND a.unit = 'points'
    WHERE l.customer_id > :first AND l.customer_id <= :last AND l.state = 'open'
      AND l.expires_at > :after AND l.expires_at <= :until
    GROUP BY l.customer_id, l.account_id, l.expires_at ORDER BY l.customer_id, l.expires_at
""")


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Points of one account that can still be used and end at the same moment (exclusive)."""

    customer_id: int
    account_id: int
    ends_at: datetime
    points: int


def lapses_between(after: datetime, until: datetime) -> bool:
    """Return whether any points end after the one moment and by the other."""
    return bool(db.session.execute(_ANY, {"after": after, "until": until}).scalar_one())


def last_holder(*, after: int, size: int) -> int | None:
    """Return the last of the next `size` customers behind `after` who have an account of points, or None."""
    last: int | None = db.session.execute(_LAST, {"after": after, "size": size}).scalar_one()
    return last


def lapsing(after: datetime, until: datetime, *, first: int, last: int) -> list[Lapsing]:
    """Return what customers with first < id ≤ last have that ends after the one moment and by the other."""
    asked = {"after": after, "until": until, "first": first, "last": last}
    return [Lapsing(*row) for row in db.session.execute(_LAPSING, asked)]
