"""How much a person has adjusted."""

from datetime import datetime

from sqlalchemy import func, select

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db
from loyalty.points.models import LedgerTransaction


def adjusted_since(since: datetime, *, customer_id: int, by: Actor) -> int:
    """Return how many of a member's points this actor has adjusted since then alone, up and down alike."""
    total = select(func.coalesce(func.sum(LedgerTransaction.points), 0)).where(
        LedgerTransaction.customer_id == customer_id,
        LedgerTransaction.kind == "adjust",
        LedgerTransaction.source_kind != "approval",
        LedgerTransaction.booked_at > since,
        LedgerTransaction.actor_kind == by.kind,
        LedgerTransaction.actor_id == by.id,
    )
    return int(db.session.scalar(total) or 0)
