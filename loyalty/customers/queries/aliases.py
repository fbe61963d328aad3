"""Who stands for whom since merges."""

from collections.abc import Collection

from sqlalchemy import text

from loyalty.kernel.db import db

# Merges follow each other: who was kept can itself be merged into another one later.
_STAND_FOR = text("""
    WITH RECURSIVE chain AS (
        SELECT id AS asked, id, merged_into_id FROM customers WHERE id = ANY (CAST(:ids AS bigint[]))
        UNION ALL
        SELECT chain.asked, next.id, next.merged_into_id
        FROM chain JOIN customers AS next ON next.id = chain.merged_into_id
    )
    SELECT asked, id FROM chain WHERE merged_into_id IS NULL
""")
_ALIASES = text("""
    WITH RECURSIVE gone AS (
        SELECT id FROM customers WHERE merged_into_id = :customer_id
        UNION ALL
        SELECT next.id FROM gone JOIN customers AS next ON next.merged_into_id = gone.id
    )
    SELECT id FROM gone ORDER BY id
""")


def standing_for(customer_ids: Collection[int]) -> dict[int, int]:
    """Return for each customer who stands for it: itself, or since merges another one; unknown ids are left out."""
    if not customer_ids:
        return {}
    return {row.asked: row.id for row in db.session.execute(_STAND_FOR, {"ids": sorted(set(customer_ids))})}


def aliases(customer_id: int) -> list[int]:
    """Return the customers that were merged into this one, however many steps ago, by id."""
    return list(db.session.scalars(_ALIASES, {"customer_id": customer_id}))
