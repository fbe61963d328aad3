"""Opens standings, and notes what moves a member's own years."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.points.service import set_earning_class
from loyalty.sales.queries import buyers_on_other_days
from loyalty.tiers import queries
from loyalty.tiers.service.facts import gather_days, rise

_OPEN = text("""
    WITH opened AS (
        INSERT INTO tier_standings (customer_id, level_code, since_day, joined_day, settled_day)
        SELECT customer_id, CAST(:level AS text), day, day, day
          FROM json_to_recordset(CAST(:rows AS json)) AS r (customer_id bigint, day date)
         ORDER BY customer_id
        ON CONFLICT (customer_id) DO NOTHING
        RETURNING customer_id, joined_day
    ), told AS (
        INSERT INTO level_changes (customer_id, from_day, to_code, reason, booked_at, by_name)
        SELECT customer_id, joined_day, CAST(:level AS text), 'joined', :now, :by FROM opened ORDER BY customer_id
    )
    SELECT customer_id, joined_day FROM opened
""")

_DELIVERED = text("""
    UPDATE tier_standings AS s SET delivery_day = r.day
      FROM (SELECT customer_id, max(day) AS day
              FROM json_to_recordset(CAST(:rows AS json)) AS r (customer_id bigint, day date)
             GROUP BY customer_id) AS r
     WHERE s.customer_id = r.customer_id AND (s.delivery_day IS NULL OR s.delivery_day < r.day)
""")


def open_standings(
    customer_ids: Collection[int],
    joined: date | Mapping[int, date],
    *,
    announced: Collection[tuple[int, date]] = (),
    now: datetime,
    by: Actor,
) -> list[Effect]:
    """Give each customer who has none the lowest level from the day of joining, one day for all or one for each.

    What they bought before counts, and can lift them on that day. Whoever bought on `announced` days alone, as
    (customer, day), is left to the announcement of those sales, which counts them and lifts.
    """
    rows = [
        {"customer_id": customer_id, "day": joined[customer_id] if isinstance(joined, Mapping) else joined}
        for customer_id in sorted(set(customer_ids))
    ]
    if not rows:
        return []
    level = queries.lowest_level(now)
    with transaction() as session:
        values = {"rows": batch(rows), "level": level, "now": now, "by": by.name}
        opened: dict[int, date] = {row[0]: row[1] for row in session.execute(_OPEN, values)}
        if not opened:
            return []
        if level is not None:
            set_earning_class(dict.fromkeys(opened, level), now=now, by=by)
        active = gather_days(buyers_on_other_days(opened, announced) if announced else opened)
        members = queries.lock_standings(active)
        return rise(members, [(customer_id, opened[customer_id]) for customer_id in members], now=now, by=by)


def note_deliveries(days: Sequence[tuple[int, date]], *, now: datetime, by: Actor) -> list[Effect]:
    """Remember the latest delivery of each member, from which years may be counted; vehicles may lift a level."""
    rows = [{"customer_id": customer_id, "day": day} for customer_id, day in days]
    with transaction() as session:
        members = queries.lock_standings({customer_id for customer_id, _ in days})
        if not members:
            return []
        session.execute(_DELIVERED, {"rows": batch(rows)})
        members = queries.standings(members)
        return rise(members, [day for day in days if day[0] in members], now=now, by=by)
