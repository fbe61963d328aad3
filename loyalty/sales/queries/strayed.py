"""Sales that stand under a customer who was merged into another one."""

from sqlalchemy import text

from loyalty.customers.queries import standing_for
from loyalty.kernel.db import db

# Few customers are merged, so their sales are looked up one by one.
_STRAYED = text("""
    SELECT c.id, count(*) AS sales FROM customers AS c JOIN sales AS s ON s.customer_id = c.id AND NOT s.moved
    WHERE c.merged_into_id IS NOT NULL GROUP BY c.id ORDER BY c.id
""")


def strayed_pairs() -> list[tuple[int, int]]:
    """Return (gone, kept) of the merged customers under whom sales stand."""
    gone = [row.id for row in db.session.execute(_STRAYED)]
    stands = standing_for(gone)
    return [(customer_id, stands[customer_id]) for customer_id in gone]


def strayed_count() -> int:
    """Return how many such sales there are."""
    return sum(row.sales for row in db.session.execute(_STRAYED))
