"""When vehicles were handed over: told with the sale, or apart from it and corrected as often as need be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loyalty.customers.rules import TimelineEntry
from loyalty.customers.service import write_timeline
from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.db import db, transaction
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Problem
from loyalty.kernel.events import announce, foretell
from loyalty.sales import queries
from loyalty.sales.events import DeliveryCorrected, SaleRecorded, VehicleDelivered
from loyalty.sales.queries import StoredSale
from loyalty.sales.rules import DeliveryFact, NothingDelivered, Outcome, UnknownSale, refused, rejected
from loyalty.sales.rules.checks import check_time
from loyalty.sales.service.telling import share_out
from loyalty.sales.service.vetting import moment_in
from loyalty.staff.service import AuditEntry, record_audit

_WRITE = text("""
    UPDATE sales SET delivered_at = fact.delivered_at, delivery_told = true
    FROM json_to_recordset(CAST(:rows AS json)) AS fact (customer_id bigint, id bigint, delivered_at timestamptz)
    WHERE sales.customer_id = fact.customer_id AND sales.id = fact.id
""")

Deliveries = Sequence[tuple[VehicleDelivered | None, VehicleDelivered | None]]
"""What was known of each delivery before, and what is known now."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A delivery that is well said, beside its sale; `delivered_at` None when there was none after all."""

    place: int
    fact: DeliveryFact
    stored: StoredSale
    delivered_at: datetime | None


def record_deliveries(facts: Sequence[DeliveryFact], *, now: datetime, by: Actor) -> list[Outcome]:
    """Return what became of each delivery, in order; what is told last counts, also over what the sale itself says.

    A delivery that is known answers `same`; one of an unknown sale, or of a sale without a vehicle, is rejected. The
    actor needs sales.write in the store of the sale.
    """
    with transaction():
        outcomes: dict[int, Outcome] = {}
        told: dict[int, _Told] = {}
        locked = queries.lock_numbers((fact.source, fact.sale_number) for fact in facts)
        stored = queries.stored_sales(locked.values())
        for place, fact in enumerate(facts):
            key = locked.get((fact.source, fact.sale_number))
            try:
                one = _told(place, fact, stored.get(key[1]) if key else None, by)
            except Problem as problem:
                outcomes[place] = refused(problem)
                continue
            if flaws := [] if fact.delivered is None else list(check_time("delivered_at", fact.delivered, now)):
                outcomes[place] = rejected(*flaws)
                continue
            sale_id = one.stored.sale.sale_id
            if earlier := told.pop(sale_id, None):
                outcomes[earlier.place] = _outcome(earlier, "same")
            told[sale_id] = one
        for one in [one for one in told.values() if one.delivered_at == one.stored.delivered_at]:
            outcomes[one.place] = _outcome(told.pop(one.stored.sale.sale_id), "same")
        outcomes |= _write(list(told.values()), now=now, by=by)
    return [outcomes[place] for place in range(len(facts))]


def _told(place: int, fact: DeliveryFact, stored: StoredSale | None, by: Actor) -> _Told:
    if stored is None or not by.scope("sales.write").covers(stored.sale.store_id):
        raise UnknownSale(number=fact.sale_number, source=fact.source)
    if stored.sale.vehicle_id is None:
        raise NothingDelivered(number=fact.sale_number)
    return _Told(place, fact, stored, None if fact.delivered is None else moment_in(fact.delivered, stored.sale.zone))


def _outcome(one: _Told, state: Any, effects: tuple[Effect, ...] = ()) -> Outcome:
    sale = one.stored.sale
    return Outcome(state, sale.sale_id, sale.customer_id, sale.version, effects)


def _write(changed: Sequence[_Told], *, now: datetime, by: Actor) -> dict[int, Outcome]:
    if not changed:
        return {}
    rows = [
        {"customer_id": one.stored.sale.customer_id, "id": one.stored.sale.sale_id, "delivered_at": one.delivered_at}
        for one in changed
    ]
    db.session.execute(_WRITE, {"rows": as_batch(rows)})
    pairs = [(told_delivery(one.stored), delivery_of(one.stored.sale, one.delivered_at)) for one in changed]
    shared = share_out([one.stored.sale for one in changed], announce_deliveries(pairs, now=now, by=by))
    write_timeline([_entry(one, by) for one in changed if one.delivered_at is not None])
    record_audit([_audit(one, now=now, by=by) for one in changed])
    return {
        one.place: _outcome(
            one,
            "created" if one.stored.delivered_at is None else "corrected",
            tuple(shared.get(one.stored.sale.sale_id, ())),
        )
        for one in changed
    }


def _entry(one: _Told, by: Actor) -> TimelineEntry:
    sale, at = one.stored.sale, one.delivered_at
    assert at is not None  # noqa: S101 - who calls has left the others out
    numbers = {"number": sale.number, "day": day_at(at, sale.zone).isoformat()}
    sentence = "Vehicle delivered on {day}, order {number}"
    return TimelineEntry(sale.customer_id, at, "delivery", sentence, numbers, by.name, "sale", sale.sale_id)


def _audit(one: _Told, *, now: datetime, by: Actor) -> AuditEntry:
    sale = one.stored.sale
    return AuditEntry(
        action="sale.delivered",
        subject_kind="sale",
        subject_id=sale.sale_id,
        by=by,
        at=now,
        customer_id=sale.customer_id,
        store_id=sale.store_id,
        before={"delivered_at": one.stored.delivered_at},
        after={"delivered_at": one.delivered_at},
    )


def delivery_of(sale: SaleRecorded, delivered_at: datetime | None) -> VehicleDelivered | None:
    """Return the delivery of a sale as it is announced; None without a vehicle or a moment."""
    if delivered_at is None or sale.vehicle_id is None:
        return None
    return VehicleDelivered(sale.sale_id, sale.customer_id, sale.vehicle_id, sale.store_id, delivered_at)


def told_delivery(stored: StoredSale) -> VehicleDelivered | None:
    """Return the delivery that is known of a sale, or None."""
    return delivery_of(stored.sale, stored.delivered_at)


def announce_deliveries(deliveries: Deliveries, *, now: datetime, by: Actor) -> list[Effect]:
    """Announce deliveries that are new, and those that are no longer what they were; what stays is not told again."""
    new = [after for before, after in deliveries if before is None and after is not None]
    changed = [
        DeliveryCorrected(before, after)
        for before, after in deliveries
        if before is not None and _differ(before, after)
    ]
    foretell(VehicleDelivered, {one.customer_id for pair in deliveries for one in pair if one is not None})
    return announce(new, now=now, by=by) + announce(changed, now=now, by=by)


def _differ(before: VehicleDelivered, after: VehicleDelivered | None) -> bool:
    """Return whether something that hangs on a delivery has changed; the store alone only follows its sale."""
    return after is None or replace(before, store_id=after.store_id) != after
