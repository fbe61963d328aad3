"""Using, correcting and moving a member's points: the ledger's operations with the walls and rules of members.

Each answers what the ledger answers and writes the timeline; the ledger writes the audit trail. A dry run asks the same
questions of the same rows and answers the same, but writes nothing.
"""

from datetime import datetime, timedelta

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.membership import queries
from loyalty.membership.rules import Use, check_active, check_adjustment
from loyalty.membership.service.receipts import asked_of, told
from loyalty.points import service as ledger
from loyalty.points.rules import Receipt

DAY = timedelta(hours=24)


def redeem(use: Use, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Use a member's points; refused for members who are not active, and by every rule of the ledger."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        check_active(member.state)
        ask = asked_of(use, member, "redemption", "R", scope)
        receipt = ledger.redeem(ask, order_minor=use.order_minor, now=now, by=by, dry_run=dry_run)
        return told(receipt, now=now, by=by, dry_run=dry_run)


def return_redemption(
    use: Use,
    redemption: str,
    *,
    dealer_fault: bool = False,
    scope: Scope,
    now: datetime,
    by: Actor,
    dry_run: bool = False,
) -> Receipt:
    """Give back points of a redemption, to the lots they came from; what lapsed since stays so unless we caused it."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        ask = asked_of(use, member, "return", "B", scope)
        receipt = ledger.return_redemption(ask, redemption, dealer_fault=dealer_fault, now=now, by=by, dry_run=dry_run)
        return told(receipt, now=now, by=by, dry_run=dry_run)


def adjust(use: Use, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Add or take points by decision of a person, who gives the reason; refused above the limit for one person.

    What is refused so can be asked of a second person: `ask_to_adjust`. Points that are added end as those of a sale of
    this day would.
    """
    with transaction():
        member = queries.lock_member(use.number, scope)
        before = queries.adjusted_since(now - DAY, customer_id=member.customer_id, by=by)
        check_adjustment(use.points, before=before, limit=queries.policy(now).adjustment_limit)
        ask = asked_of(use, member, "adjustment", "A", scope)
        expires_at = queries.end_of_points(ask.store_id, now) if use.points > 0 else None
        receipt = ledger.adjust(ask, expires_at=expires_at, now=now, by=by, dry_run=dry_run)
        return told(receipt, now=now, by=by, dry_run=dry_run)


def transfer(use: Use, to_number: str, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Move points to another member of the same stores; each part keeps its age and end. Both must be active."""
    with transaction():
        giver, taker = queries.lock_members([use.number, to_number], scope)
        check_active(giver.state)
        check_active(taker.state)
        ask = asked_of(use, giver, "transfer", "T", scope)
        receipt = ledger.transfer(ask, taker.customer_id, now=now, by=by, dry_run=dry_run)
        return told(receipt, now=now, by=by, dry_run=dry_run)
