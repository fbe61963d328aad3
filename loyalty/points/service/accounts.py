"""Opening accounts, the class by which earning rules multiply, and whether new sales earn."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.points import queries

# Both units at once and in order, so that an account of points always has the lower id of the two.
_OPEN = text("""
    INSERT INTO points_accounts (customer_id, unit, earning_class, opened_at)
    SELECT c.id, u.unit, :earning_class, :now
    FROM unnest(CAST(:customer_ids AS bigint[])) AS c(id)
    CROSS JOIN (VALUES (1, 'points'), (2, 'growth')) AS u(number, unit)
    ORDER BY c.id, u.number
    ON CONFLICT (customer_id, unit) DO NOTHING
""")
_SET_CLASS = text("""
    WITH wanted AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS w(customer_id bigint, class text)
    ), locked AS MATERIALIZED (
        SELECT a.customer_id, a.id FROM points_accounts a
        JOIN wanted w ON w.customer_id = a.customer_id AND a.earning_class IS DISTINCT FROM w.class
        ORDER BY a.id FOR NO KEY UPDATE OF a
    )
    UPDATE points_accounts a SET earning_class = w.class
    FROM locked l JOIN wanted w ON w.customer_id = l.customer_id
    WHERE a.customer_id = l.customer_id AND a.id = l.id AND a.earning_class IS DISTINCT FROM w.class
""")
_SET_EARNS = text("""
    UPDATE points_accounts SET earns = :earns
    WHERE customer_id = ANY (CAST(:customer_ids AS bigint[])) AND earns <> :earns
""")


def open_accounts(customer_ids: Collection[int], *, earning_class: str | None = None, now: datetime, by: Actor) -> None:
    """Give each customer an account of points and one of growth; those who have them keep them as they are.

    `earning_class` is the tier code that earning rules multiply by from the beginning.
    Who enrolled whom is written by the caller; an account without postings says nothing yet.
    """
    del by
    if customer_ids:
        with transaction() as session:
            ids = sorted(set(customer_ids))
            session.execute(_OPEN, {"customer_ids": ids, "earning_class": earning_class, "now": now})
            queries.forget_earners()


def set_earning_class(classes: Mapping[int, str | None], *, now: datetime, by: Actor) -> None:
    """Set by customer the tier code that earning rules multiply by; the tier's own history says since when and why."""
    del now, by
    if classes:
        rows = [{"customer_id": customer_id, "class": code} for customer_id, code in classes.items()]
        with transaction() as session:
            session.execute(_SET_CLASS, {"rows": batch(rows)})
            queries.forget_earners()


def set_earning(customer_ids: Collection[int], *, earns: bool) -> None:
    """Let new sales of these customers earn, or no longer; what was earned, and what refunds take, stays as it is."""
    if customer_ids:
        with transaction() as session:
            session.execute(_SET_EARNS, {"customer_ids": sorted(set(customer_ids)), "earns": earns})
            queries.forget_earners()
