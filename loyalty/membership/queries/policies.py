"""What the dealer's policies say."""

from datetime import datetime

from loyalty.kernel.clock import day_at
from loyalty.membership.rules import Policy
from loyalty.points.rules import Expiry
from loyalty.programme.queries import in_force
from loyalty.staff.queries import stores_by_ids


def policy(at: datetime) -> Policy:
    """Return the policy of membership in force at a moment; the usual one where the programme has none."""
    version = in_force("membership", at)
    rules: Policy = Policy() if version is None else version.rules
    return rules


def end_of_points(store_id: int, at: datetime) -> datetime | None:
    """Return when points given at a store at this moment end, or None when they never do."""
    version = in_force("expiry", at)
    if version is None:
        return None
    rules: Expiry = version.rules
    zone = stores_by_ids([store_id])[store_id].zone
    return rules.end_for(day_at(at, zone), zone)


def reminder_leads(at: datetime) -> tuple[int, ...]:
    """Return how many days before points end members are told of it, by the policy in force at a moment."""
    version = in_force("expiry", at)
    rules: Expiry = Expiry() if version is None else version.rules
    return rules.leads
