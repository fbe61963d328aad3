"""Reserving a member's points for a use that is decided later: a booking, an order that is not paid yet."""

from dataclasses import replace
from datetime import datetime

from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.membership import queries
from loyalty.membership.rules import Use, check_active
from loyalty.membership.service.receipts import asked_of, told
from loyalty.points import service as ledger
from loyalty.points.rules import Receipt


def hold(
    use: Use, *, until: datetime | None = None, scope: Scope, now: datetime, by: Actor, dry_run: bool = False
) -> Receipt:
    """Reserve points of an active member, at most until a moment, after which they are free again by themselves."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        check_active(member.state)
        ask = asked_of(use, member, "hold", "H", scope)
        return told(ledger.hold(ask, until=until, now=now, by=by, dry_run=dry_run), now=now, by=by, dry_run=dry_run)


def capture(use: Use, key: str, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Redeem points of a hold; what it reserved beyond them is free again."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        ask = asked_of(use, member, "redemption", "C", scope)
        return told(ledger.capture(ask, key, now=now, by=by, dry_run=dry_run), now=now, by=by, dry_run=dry_run)


def release(use: Use, key: str, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Let all points of a hold be used again."""
    with transaction():
        member = queries.lock_member(use.number, scope)
        reserved = sum(one.points for one in queries.holds(member.customer_id) if one.key == key)
        ask = asked_of(replace(use, points=reserved), member, "hold", "L", scope)
        return told(ledger.release(ask, key, now=now, by=by, dry_run=dry_run), now=now, by=by, dry_run=dry_run)
