"""Sales that come over to another customer as they are: lines, versions, answers and refunds, under the same ids.

The former rows stay behind, marked as moved: points were booked against them. Going back, the rows are written over by
what became of them meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.events import announce
from loyalty.sales import queries
from loyalty.sales.rules import effect_row

_LIVE = text("""
    SELECT id, version FROM sales WHERE customer_id = :giver AND NOT moved
    AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY (CAST(:ids AS bigint[])))
    ORDER BY id FOR UPDATE
""")
_LOCK_NUMBERS = text("""
    SELECT FROM sale_numbers WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
    ORDER BY source, number FOR UPDATE
""")
_SALES = text("""
    INSERT INTO sales AS s (
        customer_id, id, source, number, version, kind, store_id, vehicle_id, occurred_at, business_day, currency,
        odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, content_hash, recorded_at,
        refunded_net_minor, refunded_gross_minor, moved)
    SELECT :taker, id, source, number, version, kind, store_id, vehicle_id, occurred_at, business_day, currency,
        odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, content_hash, recorded_at,
        refunded_net_minor, refunded_gross_minor, false
    FROM sales WHERE customer_id = :giver AND id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT (customer_id, id) DO UPDATE SET version = excluded.version, kind = excluded.kind,
        store_id = excluded.store_id, vehicle_id = excluded.vehicle_id, occurred_at = excluded.occurred_at,
        business_day = excluded.business_day, currency = excluded.currency, odometer = excluded.odometer,
        net_minor = excluded.net_minor, tax_minor = excluded.tax_minor, gross_minor = excluded.gross_minor,
        points_paid_minor = excluded.points_paid_minor, delivered_at = excluded.delivered_at,
        content_hash = excluded.content_hash, recorded_at = excluded.recorded_at,
        refunded_net_minor = excluded.refunded_net_minor, refunded_gross_minor = excluded.refunded_gross_minor,
        moved = false
""")
_DROPPED_LINES = text("""
    DELETE FROM sale_lines AS old WHERE old.customer_id = :taker AND old.sale_id = ANY (CAST(:ids AS bigint[]))
    AND NOT EXISTS (SELECT FROM sale_lines AS now WHERE now.customer_id = :giver AND now.sale_id = old.sale_id
                    AND now.number = old.number)
""")
_LINES = text("""
    INSERT INTO sale_lines AS l (
        customer_id, sale_id, number, sku, category, quantity, net_minor, tax_minor, gross_minor, discount_minor,
        refunded_quantity, refunded_net_minor, refunded_gross_minor)
    SELECT :taker, sale_id, number, sku, category, quantity, net_minor, tax_minor, gross_minor, discount_minor,
        refunded_quantity, refunded_net_minor, refunded_gross_minor
    FROM sale_lines WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT (customer_id, sale_id, number) DO UPDATE SET sku = excluded.sku, category = excluded.category,
        quantity = excluded.quantity, net_minor = excluded.net_minor, tax_minor = excluded.tax_minor,
        gross_minor = excluded.gross_minor, discount_minor = excluded.discount_minor,
        refunded_quantity = excluded.refunded_quantity, refunded_net_minor = excluded.refunded_net_minor,
        refunded_gross_minor = excluded.refunded_gross_minor
""")
# What is only added to has nothing to write over.
_ADDED = (
    text("""
    INSERT INTO sale_versions (customer_id, sale_id, version, content, replaced_at, replaced_by)
    SELECT :taker, sale_id, version, content, replaced_at, replaced_by
    FROM sale_versions WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
"""),
    text("""
    INSERT INTO sale_answers (customer_id, sale_id, version, effects)
    SELECT :taker, sale_id, version, effects
    FROM sale_answers WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
"""),
    text("""
    INSERT INTO refunds (customer_id, id, sale_id, source, number, store_id, occurred_at, business_day, net_minor,
        gross_minor, dealer_fault, reason, content_hash, effects, recorded_at)
    SELECT :taker, id, sale_id, source, number, store_id, occurred_at, business_day, net_minor,
        gross_minor, dealer_fault, reason, content_hash, effects, recorded_at
    FROM refunds WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
"""),
    text("""
    INSERT INTO refund_lines (customer_id, refund_id, number, quantity, net_minor, gross_minor)
    SELECT :taker, l.refund_id, l.number, l.quantity, l.net_minor, l.gross_minor
    FROM refund_lines AS l JOIN refunds AS r ON r.customer_id = l.customer_id AND r.id = l.refund_id
    WHERE r.customer_id = :giver AND r.sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
"""),
)
# What sales of files brought is told from the ledger of who bought them, and the taker's knows nothing of them.
_ANSWERS = text("""
    INSERT INTO sale_answers (customer_id, sale_id, version, effects)
    SELECT :taker, sale_id, version, effects
    FROM json_to_recordset(CAST(:rows AS json)) AS r (sale_id bigint, version int, effects jsonb)
    ON CONFLICT DO NOTHING
""")
_RENUMBER = (
    text("""
    UPDATE sale_numbers SET customer_id = :taker
    WHERE customer_id = :giver AND sale_id = ANY (CAST(:ids AS bigint[]))
"""),
    text("""
    UPDATE refund_numbers AS n SET customer_id = :taker FROM refunds AS r
    WHERE r.customer_id = :giver AND r.sale_id = ANY (CAST(:ids AS bigint[]))
    AND n.customer_id = :giver AND n.refund_id = r.id
"""),
)
_LEAVE_BEHIND = text("""
    UPDATE sales SET moved = true WHERE customer_id = :giver AND id = ANY (CAST(:ids AS bigint[]))
""")


def carry_sales(giver: int, taker: int, sale_ids: Sequence[int] | None = None) -> list[int]:
    """Let the sales of one customer be another's; return their ids.

    Of `sale_ids`, those that are its own still; None: all. Their numbers lead to the new customer from then on, so that
    corrections and refunds find them there.
    """
    with transaction() as session:
        wanted = None if sale_ids is None else sorted(sale_ids)
        versions = {row.id: row.version for row in session.execute(_LIVE, {"giver": giver, "ids": wanted})}
        if not versions:
            return []
        ids = list(versions)
        values = {"giver": giver, "taker": taker, "ids": ids}
        session.execute(_LOCK_NUMBERS, values)
        session.execute(_SALES, values)
        session.execute(_DROPPED_LINES, values)
        for statement in (_LINES, *_ADDED):
            session.execute(statement, values)
        session.execute(_ANSWERS, {"taker": taker, "rows": batch(_answers(giver, versions))})
        for statement in (*_RENUMBER, _LEAVE_BEHIND):
            session.execute(statement, values)
        return ids


def _answers(giver: int, versions: Mapping[int, int]) -> list[dict[str, Any]]:
    told = queries.first_answers([(giver, sale_id, version) for sale_id, version in versions.items()])
    return [
        {"sale_id": sale_id, "version": versions[sale_id], "effects": [effect_row(effect) for effect in effects]}
        for sale_id, effects in told.items()
    ]


def follow_merges(*, now: datetime, by: Actor) -> int:
    """Carry over the sales that a merge overtook, and announce them where they belong; return how many there were.

    A sale that looked up its customer before the merge and was written after it stands under the gone customer, whose
    account earns nothing any more: so the kept one earns it here for the first time.
    """
    count = 0
    for gone, kept in queries.strayed_pairs():
        with transaction():
            ids = carry_sales(gone, kept)
            stored = queries.stored_sales([(kept, sale_id) for sale_id in ids])
            announce([stored[sale_id].sale for sale_id in ids], now=now, by=by)
            count += len(ids)
    return count
