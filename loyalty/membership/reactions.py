"""What membership does when sales and customers tell something."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.customers.events import CustomerClosed, CustomerErased, CustomersMerged, CustomersParted
from loyalty.customers.queries import merge_part
from loyalty.customers.service import keep_part
from loyalty.kernel.actor import Actor
from loyalty.kernel.effects import Effect
from loyalty.membership import queries, service
from loyalty.membership.rules import Newcomer
from loyalty.membership.service import merging
from loyalty.points.queries import accounts_of
from loyalty.sales.events import SaleCorrected, SaleRecorded
from loyalty.tiers.events import LevelReached

PART = "members"


def enrol_buyers(sales: Sequence[SaleRecorded], *, now: datetime, by: Actor) -> list[Effect]:
    """Make members of buyers at their first sale, where the dealer's policy says so; since the day of that sale."""
    members = accounts_of({sale.customer_id for sale in sales})  # whoever was ever enrolled has an account
    firsts: dict[int, SaleRecorded] = {}
    for sale in sales:
        if sale.customer_id not in members:
            first = firsts.setdefault(sale.customer_id, sale)
            if sale.occurred_at < first.occurred_at:
                firsts[sale.customer_id] = sale
    if not firsts:
        return []
    if queries.policy(now).enrol != "first_sale":
        service.hold_buyers(firsts, alone=False)
        return []
    newcomers = [
        Newcomer(sale.customer_id, sale.store_id, sale.occurred_at, sale.business_day) for sale in firsts.values()
    ]
    days = {(sale.customer_id, sale.business_day) for sale in sales}
    return service.enrol(newcomers, announced=days, now=now, by=by)


def enrol_corrected_buyers(corrections: Sequence[SaleCorrected], *, now: datetime, by: Actor) -> list[Effect]:
    """Make members, by the same policy, of buyers to whom a corrected sale belongs now."""
    return enrol_buyers([correction.after for correction in corrections], now=now, by=by)


def tell_of_rises(levels: Sequence[LevelReached], *, now: datetime, by: Actor) -> list[Effect]:
    """Write to members who have reached a level."""
    return service.tell_of_rises(levels, now=now, by=by)


def check_merges(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Refuse what must be settled before two members become one."""
    del now, by
    for one in merges:
        merging.check_members(kept=one.kept_id, gone=one.gone_id)
    return []


def merge_members(merges: Sequence[CustomersMerged], *, now: datetime, by: Actor) -> list[Effect]:
    """Close the membership of the gone customer; the older joining counts."""
    for one in merges:
        was = merging.merge_members(kept=one.kept_id, gone=one.gone_id, now=now, by=by)
        keep_part(one.merge_id, PART, was)
    return []


def part_members(partings: Sequence[CustomersParted], *, now: datetime, by: Actor) -> list[Effect]:
    """Open the membership of the gone customer again."""
    for one in partings:
        was = merge_part(one.merge_id, PART)
        merging.part_members(was, kept=one.kept_id, gone=one.gone_id, now=now, by=by)
    return []


def forget_members(erasures: Sequence[CustomerErased], *, now: datetime, by: Actor) -> list[Effect]:
    """Close the memberships of erased people; the reasons of their states may name them and go."""
    effects = []
    for one in erasures:
        effects += merging.forget_members(one.customer_ids, now=now, by=by)
    return effects


def close_members(closings: Sequence[CustomerClosed], *, now: datetime, by: Actor) -> list[Effect]:
    """Close the memberships of owners who closed their accounts; the level goes with it."""
    effects = []
    for one in closings:
        effects += merging.close_member(one.customer_id, now=now, by=by)
    return effects
