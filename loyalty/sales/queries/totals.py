"""Sums of sales by customer and day, for features that count them, and a customer's year at a glance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import FromClause, Select, func, select, text, true

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import batch, db, id_array, run
from loyalty.kernel.money import Money
from loyalty.sales.models import Sale


@dataclass(frozen=True, slots=True)
class Year:
    """A customer's visits: the last day of all, and since a day how many there were and what was paid, less refunds.

    Buying a car is no visit. `spent` is in the currency of which there is most; None without a visit since then.
    """

    last_day: date
    visits: int
    spent: Money | None


def year_of(customer_id: int, scope: Scope, since: date) -> Year | None:
    """Return the visits that the scope may see, counted from `since` on; None when there never was one."""
    recent = Sale.business_day >= since
    spent = func.sum(Sale.gross_minor - Sale.refunded_gross_minor).filter(recent)
    days = func.count(Sale.business_day.distinct()).filter(recent)
    visits = select(Sale.currency, func.max(Sale.business_day), days, spent).group_by(Sale.currency)
    visits = visits.where(Sale.customer_id == customer_id, Sale.kind != "vehicle", ~Sale.moved)
    if scope.stores is not None:
        visits = visits.where(Sale.store_id.in_(scope.stores))
    rows = db.session.execute(visits).all()
    if not rows:
        return None
    currency, _, _, most = max(rows, key=lambda row: row[3] or 0)
    last_day, visits_there = max(row[1] for row in rows), sum(row[2] for row in rows)
    return Year(last_day, visits_there, Money(int(most), currency) if most is not None else None)


_OTHER_DAYS = text("""
    SELECT DISTINCT customer_id FROM sales
    WHERE customer_id = ANY (CAST(:customer_ids AS bigint[])) AND NOT moved
      AND (customer_id, business_day) NOT IN (
          SELECT customer_id, business_day
          FROM json_to_recordset(CAST(:days AS json)) AS known (customer_id bigint, business_day date)
      )
""")


def buyers_on_other_days(customer_ids: Collection[int], days: Collection[tuple[int, date]]) -> set[int]:
    """Return those of the customers who bought on other days than these, each given as (customer, day)."""
    known = [{"customer_id": customer_id, "business_day": day} for customer_id, day in days]
    found = run(_OTHER_DAYS, {"customer_ids": id_array(customer_ids), "days": batch(known)})
    return {row.customer_id for row in found}


def day_totals_select(touched: FromClause | None = None) -> Select[int, date, str, str, int, int, int]:
    """Return the statement of a row per customer, business day, kind and currency, to be composed into others.

    Columns: customer_id, business_day, kind, currency, net_minor (after refunds, which count on the day of their
    sale), paid_orders (sales of which something above 0 is left) and largest_minor (the largest of them). With
    `touched`, a table of customer_id and business_day without repeats, only those days are summed.
    """
    net = Sale.net_minor - Sale.refunded_net_minor
    sums = (
        func.sum(net).label("net_minor"),
        func.count().filter(net > 0).label("paid_orders"),
        func.max(net).label("largest_minor"),
    )
    kind, currency = Sale.kind, Sale.currency
    if touched is None:
        every = select(Sale.customer_id, Sale.business_day, kind, currency, *sums).where(~Sale.moved)
        return every.group_by(Sale.customer_id, Sale.business_day, kind, currency)
    # Day by day through the index: how many days are touched is not known when the statement is planned.
    ours = (Sale.customer_id == touched.c.customer_id) & (Sale.business_day == touched.c.business_day) & ~Sale.moved
    day = select(kind, currency, *sums).where(ours).group_by(kind, currency).lateral("one_day")
    return select(touched.c.customer_id, touched.c.business_day, *day.c).select_from(touched.join(day, true()))
