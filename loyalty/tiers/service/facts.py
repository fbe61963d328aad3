"""Keeps the facts by day equal to what sales say, and lets members rise at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import column, table, text
from sqlalchemy.dialects import postgresql

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import ask, batch, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.trips import Asked
from loyalty.programme.queries import Version, in_force
from loyalty.sales.queries import day_totals_select
from loyalty.tiers import queries
from loyalty.tiers.models import REFERRAL
from loyalty.tiers.queries import Ask
from loyalty.tiers.rules import Figures, Standing, judge_rise
from loyalty.tiers.service.decisions import Decided, book

Day = tuple[int, date]
"""Customer and day."""

# Sales say what a day sums to; the days that are wanted stand in `touched`.
_TOTALS = str(
    day_totals_select(table("touched", column("customer_id"), column("business_day"))).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
        compile_kwargs={"literal_binds": True},
    )
)

_WRITE = """
    INSERT INTO tier_days AS d (customer_id, day, kind, currency, net_minor, paid_orders, largest_minor)
    SELECT customer_id, business_day, kind, currency, net_minor, paid_orders, largest_minor FROM {source}
    ON CONFLICT (customer_id, day, kind, currency) DO UPDATE
       SET net_minor = excluded.net_minor, paid_orders = excluded.paid_orders, largest_minor = excluded.largest_minor
     WHERE (d.net_minor, d.paid_orders, d.largest_minor)
           IS DISTINCT FROM (excluded.net_minor, excluded.paid_orders, excluded.largest_minor)
"""

# The answer are the later days that were there before: their figures may have changed too.
_REFRESH = text(f"""
    WITH touched AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:touched AS json)) AS r (customer_id bigint, business_day date)
    ), totals AS ({_TOTALS}
    ), written AS (
        {_WRITE.format(source="totals")}
    )
    SELECT f.customer_id, d.day
      FROM (SELECT customer_id, min(business_day) AS day FROM touched GROUP BY customer_id) AS f
     CROSS JOIN LATERAL (SELECT DISTINCT day FROM tier_days WHERE customer_id = f.customer_id AND day > f.day) AS d
""")  # noqa: S608 - put together from the texts above alone

# A correction can take the last sale of a kind away from a day, and no sum would say so.
_EMPTY = text("""
    UPDATE tier_days AS d SET net_minor = 0, paid_orders = 0, largest_minor = 0
      FROM json_to_recordset(CAST(:touched AS json)) AS t (customer_id bigint, business_day date)
     WHERE d.customer_id = t.customer_id AND d.day = t.business_day AND d.kind <> :referral
""")

_GATHER = text(f"""
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT customer_id, business_day FROM sales WHERE customer_id = ANY(:customers)
    ), totals AS ({_TOTALS}
    ), written AS (
        {_WRITE.format(source="totals")}
    )
    SELECT DISTINCT customer_id FROM totals
""")  # noqa: S608 - as above

_ADD_REFERRALS = text("""
    INSERT INTO tier_days AS d (customer_id, day, kind, currency, net_minor, paid_orders, largest_minor)
    SELECT customer_id, day, :referral, '', 0, sum(referrals), 0
      FROM json_to_recordset(CAST(:rows AS json)) AS r (customer_id bigint, day date, referrals bigint)
     GROUP BY customer_id, day
    ON CONFLICT (customer_id, day, kind, currency) DO UPDATE SET paid_orders = d.paid_orders + excluded.paid_orders
""")


def count_days(touched: Collection[Day], *, now: datetime, by: Actor, sales_left: bool = False) -> list[Effect]:
    """Count the days of members anew from their sales, and let those rise who have reached a level.

    The rules in force at `now` decide. A fact that comes late counts on its own day, and can lift from the day on
    that is not settled yet: days before a review or an earlier rise are never judged again.
    """
    with transaction() as session:
        members = queries.lock_standings({customer_id for customer_id, _ in touched})
        ours = sorted({(customer_id, day) for customer_id, day in touched if customer_id in members})
        if not ours:
            return []
        rows = batch([{"customer_id": customer_id, "business_day": day} for customer_id, day in ours])
        if sales_left:
            session.execute(_EMPTY, {"touched": rows, "referral": REFERRAL})
        refreshed = ask(_REFRESH, {"touched": rows})
        return rise(members, ours, now=now, by=by, later=refreshed)


def gather_days(customer_ids: Collection[int]) -> set[int]:
    """Count all days of these customers from their sales; return who has any."""
    if not customer_ids:
        return set()
    with transaction() as session:
        return set(session.scalars(_GATHER, {"customers": sorted(customer_ids)}))


def count_referrals(referrals: Mapping[Day, int], *, now: datetime, by: Actor) -> list[Effect]:
    """Add delivered referrals of members to their days, and let those rise who have reached a level."""
    with transaction() as session:
        members = queries.lock_standings({customer_id for customer_id, _ in referrals})
        ours = {day: count for day, count in referrals.items() if day[0] in members}
        rows = [{"customer_id": who, "day": day, "referrals": count} for (who, day), count in sorted(ours.items())]
        if rows:
            session.execute(_ADD_REFERRALS, {"rows": batch(rows), "referral": REFERRAL})
        return rise(members, list(ours), now=now, by=by)


def rise(
    members: Mapping[int, Standing], days: Sequence[Day], *, now: datetime, by: Actor, later: Asked | None = None
) -> list[Effect]:
    """Judge each member on each of the days, the first first, and book the rises; needs the standings locked.

    `later` brings more days of theirs. It travels with the question about the first days, which nearly always are all.
    """
    version = in_force("tiers", now)
    if version is None:
        return []
    top = version.rules.levels[-1]
    climbing = {who: one for who, one in members.items() if version.rules.level(one.level_code) != top}
    if not climbing:
        return []
    judged = _judged(climbing, days)
    figures = _figures(version, climbing, judged)
    more = _judged(climbing, later.rows() if later else ()) - judged
    if more:
        figures |= _figures(version, climbing, more)
    return book(_rises(version, climbing, sorted(judged | more), figures), version, now=now, by=by)


def _judged(climbing: Mapping[int, Standing], days: Iterable[Day]) -> set[Day]:
    """Return on which days members are judged: on none before the last that is settled."""
    return {(who, max(day, climbing[who].settled_day)) for who, day in days if who in climbing}


def _figures(version: Version, climbing: Mapping[int, Standing], days: Iterable[Day]) -> dict[Day, Figures]:
    return queries.rising(version.rules, [Ask(climbing[who], day) for who, day in sorted(days)])


def _rises(
    version: Version, climbing: Mapping[int, Standing], days: Sequence[Day], figures: Mapping[Day, Figures]
) -> list[Decided]:
    risen: dict[int, Standing] = {}
    decided = []
    for customer_id, day in days:
        standing = risen.get(customer_id, climbing[customer_id])
        reached = figures.get((customer_id, day))
        if reached is None:
            continue
        decision = judge_rise(version.rules, standing, reached, day)
        if decision is not None:
            decided.append(Decided(standing, decision, reached))
            risen[customer_id] = replace(
                standing, level_code=decision.level.code, since_day=decision.since_day, settled_day=decision.day
            )
    return decided
