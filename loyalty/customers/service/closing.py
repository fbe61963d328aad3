"""An account is closed, by its owner or by the store: what lapses by it is told before, and the data stay.

What hangs on the account ends the same way whoever closes it; the data stay until their erasure is asked for.
"""

from datetime import datetime

from loyalty.customers import queries
from loyalty.customers.events import CustomerClosed
from loyalty.customers.models import Customer
from loyalty.customers.rules import TimelineEntry, check_move
from loyalty.customers.service.timeline import write_timeline
from loyalty.customers.service.trials import Trial
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.events import announce
from loyalty.staff.service import AuditEntry, record_audit


def close_account(
    customer_id: int, *, scope: Scope, now: datetime, by: Actor, dry_run: bool = False
) -> tuple[Effect, ...]:
    """Close the account of a customer with all that hangs on it, and return what that did.

    A dry run does the same and takes it back. Refused: a state that cannot be closed, points that are reserved.
    """
    with Trial(dry_run=dry_run) as trial, transaction():
        trial.answer = close_row(queries.locked(customer_id, scope), now=now, by=by)
        trial.end()
    effects: tuple[Effect, ...] = trial.answer
    return effects


def close_row(row: Customer, *, now: datetime, by: Actor) -> tuple[Effect, ...]:
    """Close the account of a locked customer inside the caller's transaction, and return what that did."""
    check_move(row.state, "closed")
    row.state = "closed"
    day = day_at(now, queries.zone_of_customer(row.home_store_id))
    effects = tuple(announce([CustomerClosed(row.id, day)], now=now, by=by))
    record_audit([AuditEntry("customer.closed", "customer", row.id, by, now, row.id, row.home_store_id)])
    sentence = "Account closed by the owner" if by.customer_id == row.id else "Account closed"
    write_timeline([TimelineEntry(row.id, now, "customer", sentence, {}, by.name)])
    return effects
