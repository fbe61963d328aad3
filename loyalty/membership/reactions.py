"""What membership does when sales tell something."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.membership import queries, service
from loyalty.membership.rules import Newcomer
from loyalty.points.queries import accounts_of
from loyalty.sales.events import SaleCorrected, SaleRecorded


def enrol_buyers(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Make members of buyers at their first sale, where the dealer's policy says so; since the day of that sale."""
    members = accounts_of({sale.customer_id for sale in sales})  # whoever was ever enrolled has an account
    firsts: dict[int, SaleRecorded] = {}
    for sale in sales:
        if sale.customer_id not in members:
            first = firsts.setdefault(sale.customer_id, sale)
            if sale.occurred_at < first.occurred_at:
                firsts[sale.customer_id] = sale
    if not firsts or queries.policy(now).enrol != "first_sale":
        return []
    newcomers = [
        Newcomer(sale.customer_id, sale.store_id, sale.occurred_at, sale.business_day) for sale in firsts.values()
    ]
    return service.enrol(newcomers, now=now, by=by)


def enrol_corrected_buyers(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Make members, by the same policy, of buyers to whom a corrected sale belongs now."""
    return enrol_buyers([correction.after for correction in corrections], now=now, by=by)
