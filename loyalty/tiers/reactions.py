"""What sales mean for levels."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomerErased, CustomersMerged, CustomersParted
from loyalty.customers.queries import merge_part
from loyalty.customers.service import keep_part
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.effects import Effect
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered
from loyalty.staff.queries import stores_by_ids
from loyalty.tiers import service

PART = "tiers"


def count_sales(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Count the days of the sales, and let members rise."""
    return service.count_days({(sale.customer_id, sale.business_day) for sale in sales}, now=now, by=by)


def count_corrections(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Count the days that sales left and the days they came to; nobody falls before the next review."""
    versions = [sale for one in corrections for sale in (one.before, one.after)]
    days = {(sale.customer_id, sale.business_day) for sale in versions}
    return service.count_days(days, now=now, by=by, sales_left=True)


def count_refunds(refunds: Sequence[SaleRefunded], *, now: datetime, by: Actor) -> list[Effect]:
    """Count the days of the refunded sales; nobody falls before the next review."""
    return service.count_days({(one.sale.customer_id, one.sale.business_day) for one in refunds}, now=now, by=by)


def note_deliveries(deliveries: Sequence[VehicleDelivered], *, now: datetime, by: Actor) -> list[Effect]:
    """Remember when members got their vehicles."""
    stores = stores_by_ids({one.store_id for one in deliveries})
    days = [(one.customer_id, day_at(one.delivered_at, stores[one.store_id].zone)) for one in deliveries]
    return service.note_deliveries(days, now=now, by=by)


def correct_deliveries(corrections: Sequence[DeliveryCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Find the day of the latest delivery anew for whoever a corrected one concerns."""
    told = [one for each in corrections for one in (each.before, each.after) if one is not None]
    return service.correct_deliveries({one.customer_id for one in told}, now=now, by=by)


def merge_levels(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Let the kept member have the higher level, and count the sales of both."""
    effects = []
    for one in merges:
        content, changed = service.merge_standings(kept=one.kept_id, gone=one.gone_id, today=one.day, now=now, by=by)
        keep_part(one.merge_id, PART, content)
        effects += changed
    return effects


def part_levels(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Give both members the levels they had, as far as nothing was decided since."""
    effects = []
    for one in partings:
        content = merge_part(one.merge_id, PART)
        effects += service.part_standings(content, kept=one.kept_id, gone=one.gone_id, today=one.day, now=now, by=by)
    return effects


def forget_reasons(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Empty the reasons of levels set by hand: they may name the person."""
    del now, by
    service.forget_reasons([customer_id for one in erasures for customer_id in one.customer_ids])
    return []
