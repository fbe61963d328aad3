"""Handing out the copy of everything about a person."""

from datetime import datetime
from typing import Any

from loyalty.customers import queries
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.staff.service import AuditEntry, record_audit


def copy_everything(customer_id: int, *, scope: Scope, now: datetime, by: Actor) -> dict[str, list[dict[str, Any]]]:
    """Return everything about a person by part (see `rules.CopyPart`), having written down who took the copy."""
    with transaction():
        found = queries.customer(customer_id, scope)
        entry = AuditEntry("customer.copied", "customer", customer_id, by, now, customer_id, found.home_store_id)
        record_audit([entry])
        return queries.copy_of(customer_id)
