"""Sums of sales by customer and day, for features that count them."""

from datetime import date

from sqlalchemy import FromClause, Select, func, select, true

from loyalty.sales.models import Sale


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
