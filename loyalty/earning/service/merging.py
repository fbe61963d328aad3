"""Award lines that come over with their sales by a merge of customers, under the same ids."""

from collections.abc import Sequence

from sqlalchemy import text

from loyalty.kernel.db import transaction
from loyalty.kernel.journal import write_waiting

# Rows are only added, so whoever has a row already has it as it is.
_COPY = text("""
    INSERT INTO award_lines (customer_id, sale_id, id, version, refund_id, line, unit, rule, points, basis, factor,
        earning_class, business_day, policy_version_id)
    SELECT :taker, l.sale_id, l.id, l.version, l.refund_id, l.line, l.unit, l.rule, l.points, l.basis, l.factor,
        l.earning_class, l.business_day, l.policy_version_id
    FROM award_lines AS l
    JOIN sales AS s ON s.customer_id = :taker AND s.id = l.sale_id AND NOT s.moved
    WHERE l.customer_id = :giver AND l.sale_id = ANY (CAST(:ids AS bigint[]))
    ON CONFLICT DO NOTHING
""")


def carry_lines(giver: int, taker: int, sale_ids: Sequence[int]) -> None:
    """Copy the award lines of those of the sales that are the other customer's now."""
    if sale_ids:
        with transaction() as session:
            write_waiting()
            session.execute(_COPY, {"giver": giver, "taker": taker, "ids": sorted(sale_ids)})
