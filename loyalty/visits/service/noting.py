"""Facts to be planned: noted with the sale itself, at the cost of a row that travels with its audit trail."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.kernel.db import transaction
from loyalty.kernel.journal import Journal
from loyalty.visits.queries import Noted

_FACTS = Journal(
    "plan_facts",
    {
        "customer_id": "bigint",
        "trigger": "text",
        "sale_id": "bigint",
        "complaint_id": "bigint",
        "version": "integer",
        "vehicle_id": "bigint",
        "store_id": "bigint",
        "day": "date",
        "noted_at": "timestamptz",
    },
)


def note_facts(facts: Sequence[Noted], *, now: datetime) -> None:
    """Let the planner know of these facts; call it in the transaction in which they happened."""
    if facts:
        with transaction():
            _FACTS.add(
                [
                    {
                        "customer_id": one.customer_id,
                        "trigger": one.trigger,
                        "sale_id": one.sale_id,
                        "complaint_id": one.complaint_id,
                        "version": one.version,
                        "vehicle_id": one.vehicle_id,
                        "store_id": one.store_id,
                        "day": one.day,
                        "noted_at": now,
                    }
                    for one in facts
                ]
            )
