"""Deliveries that were on another day after all, or were none."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.sales.queries import last_deliveries
from loyalty.tiers import queries
from loyalty.tiers.service.facts import rise

_SET = text("""
    UPDATE tier_standings AS s SET delivery_day = r.day
      FROM json_to_recordset(CAST(:rows AS json)) AS r (customer_id bigint, day date)
     WHERE s.customer_id = r.customer_id AND s.delivery_day IS DISTINCT FROM r.day
""")


def correct_deliveries(customer_ids: Collection[int], *, now: datetime, by: Actor) -> list[Effect]:
    """Find the latest delivery of these members anew; whoever rises by it does so at once, nobody falls."""
    with transaction() as session:
        members = queries.lock_standings(set(customer_ids))
        if not members:
            return []
        days = last_deliveries(members)
        rows = [{"customer_id": customer_id, "day": days.get(customer_id)} for customer_id in sorted(members)]
        session.execute(_SET, {"rows": batch(rows)})
        return rise(queries.standings(members), sorted(days.items()), now=now, by=by)
