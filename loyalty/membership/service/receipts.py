"""What the ledger is asked for a member, and how its answer is told on the timeline."""

import secrets
from datetime import datetime

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor, Scope
from loyalty.membership.queries import MemberView
from loyalty.membership.rules import Use
from loyalty.points.rules import Ask, Receipt
from loyalty.staff.queries import store as store_in_scope


def asked_of(use: Use, member: MemberView, kind: str, letter: str, scope: Scope) -> Ask:
    """Return what the ledger is asked; its key is the number of the new document, by which it can be undone."""
    store_id = member.store_id if use.store_id is None else store_in_scope(use.store_id, scope).id
    return Ask(
        customer_id=member.customer_id,
        points=use.points,
        key=f"{letter}{secrets.token_hex(6).upper()}",
        store_id=store_id,
        reason=use.reason,
        occurred_at=use.occurred_at,
        source_kind=kind,
        source_number=use.document,
    )


def told(receipt: Receipt, *, now: datetime, by: Actor, dry_run: bool) -> Receipt:
    """Return the receipt after writing its effects on the timelines of those whom they concern."""
    if not dry_run:
        write_timeline(
            [
                TimelineEntry(
                    effect.customer_id or receipt.customer_id,
                    now,
                    "points",
                    effect.sentence,
                    effect.numbers,
                    by=by.name,
                )
                for effect in receipt.effects
            ]
        )
    return receipt
