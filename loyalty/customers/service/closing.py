"""An owner closes the account: what lapses by it is told before, and the data stay until their erasure is asked for."""

from datetime import datetime

from loyalty.customers import queries
from loyalty.customers.events import CustomerClosed
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
        row = queries.locked(customer_id, scope)
        check_move(row.state, "closed")
        row.state = "closed"
        day = day_at(now, queries.zone_of_customer(row.home_store_id))
        trial.answer = tuple(announce([CustomerClosed(customer_id, day)], now=now, by=by))
        entry = AuditEntry("customer.closed", "customer", customer_id, by, now, customer_id, row.home_store_id)
        record_audit([entry])
        write_timeline([TimelineEntry(customer_id, now, "customer", "Account closed by the owner", {}, by.name)])
        trial.end()
    effects: tuple[Effect, ...] = trial.answer
    return effects
