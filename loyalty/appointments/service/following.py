"""What sales of cars, merges, closings and erasures mean for appointments."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from loyalty.appointments import queries
from loyalty.appointments.service.keeping import cancel_locked
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import id_array, transaction

_MOVE = text("""
    UPDATE appointments AS a SET customer_id = :taker
    WHERE a.customer_id = :giver AND (CAST(:ids AS bigint[]) IS NULL OR a.id = ANY (CAST(:ids AS bigint[])))
    AND NOT EXISTS (SELECT FROM appointments AS own WHERE own.customer_id = :taker AND own.key = a.key)
    RETURNING a.id
""")
_FORGET = text("""
    UPDATE appointments SET note = '', vehicle_id = NULL WHERE customer_id = ANY (CAST(:ids AS bigint[]))
""")


def end_of_vehicle(vehicle_id: int, customer_id: int, *, now: datetime, by: Actor) -> int:
    """Cancel what is ahead of a car for a customer who does not own it any more; return how many."""
    return _end(queries.open_of([customer_id], vehicle_id), "sold", now=now, by=by)


def end_of_customers(customer_ids: Sequence[int], *, now: datetime, by: Actor) -> int:
    """Cancel what is ahead of these customers; return how many."""
    return _end(queries.open_of(customer_ids), "gone", now=now, by=by)


def carry(giver: int, taker: int, ids: Sequence[int] | None = None) -> list[int]:
    """Let the appointments of one customer (of these numbers, or all) be another's; return their numbers."""
    with transaction() as session:
        return list(session.scalars(_MOVE, {"giver": giver, "taker": taker, "ids": None if ids is None else list(ids)}))


def forget_people(customer_ids: Sequence[int]) -> None:
    """Take out of these customers' appointments what tells of the person; that there were some stays."""
    with transaction() as session:
        session.execute(_FORGET, {"ids": id_array(customer_ids)})


def _end(found: Sequence[int], reason: str, *, now: datetime, by: Actor) -> int:
    with transaction():
        locked = [queries.lock(one, EVERYTHING) for one in found]
        ahead = [one for one in locked if one.is_ahead]
        cancel_locked(ahead, reason, now=now, by=by)
        return len(ahead)
