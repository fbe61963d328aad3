"""Vehicles that staff or a client writes down and changes, one at a time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty.customers import queries
from loyalty.customers.events import MileageRead, OwnerChanged
from loyalty.customers.models import OdometerReading, Ownership, Vehicle
from loyalty.customers.rules import (
    MOST_KM,
    AlreadyOwner,
    OwnedThen,
    ReadingSeen,
    TimelineEntry,
    VehicleDraft,
    VinTaken,
    normal_plate,
    normal_vin,
    shown_plate,
)
from loyalty.customers.sealed import sealed_plate
from loyalty.customers.service.timeline import write_timeline
from loyalty.customers.service.vehicles import record_readings
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.kernel.events import announce
from loyalty.staff.service import AuditEntry, record_audit

CHANGEABLE_VEHICLE = frozenset(
    {
        "model",
        "vehicle_class",
        "use",
        "energy",
        "made_day",
        "registered_day",
        "invoiced_day",
        "delivered_day",
    },
)
HAND = "hand"
"""The source of readings that a person enters."""


def add_vehicle(customer_id: int, draft: VehicleDraft, *, day: date, scope: Scope, now: datetime, by: Actor) -> int:
    """Create a vehicle whose main owner from `day` is the customer; return its id.

    Refused: a VIN that is there already; malformed: VIN, plate.
    """
    vin = normal_vin(draft.vin)
    plate = normal_plate(draft.plate) if draft.plate else None
    sealed = sealed_plate(vin, plate) if plate else (None, None, None)
    with transaction() as session:
        owner = queries.customer(customer_id, scope)
        if queries.vehicle_taken(vin):
            raise VinTaken(vin=vin)
        row = Vehicle(
            vin=vin,
            plate_sealed=sealed[0],
            plate_blind=sealed[1],
            plate_end_blind=sealed[2],
            plate_at=now if plate else None,
            created_at=now,
            **{name: getattr(draft, name) for name in CHANGEABLE_VEHICLE},
        )
        session.add(row)
        session.flush()
        session.add(Ownership(vehicle_id=row.id, holder_id=customer_id, role="owner", from_day=day))
        told = {"vin_ends": vin[-6:]}
        _audit("vehicle.created", row.id, customer_id, owner.home_store_id, now=now, by=by, after=told)
        numbers = {"vehicle": shown_plate(plate) if plate else vin[-6:]}
        write_timeline([TimelineEntry(customer_id, now, "vehicle", "Vehicle {vehicle} added", numbers, by.name)])
    return row.id


def change_vehicle(vehicle_id: int, changes: Mapping[str, Any], *, scope: Scope, now: datetime, by: Actor) -> None:
    """Change fields of a vehicle (`plate` and `CHANGEABLE_VEHICLE`); malformed: plate."""
    plate = normal_plate(changes["plate"]) if changes.get("plate") else None
    with transaction():
        row = queries.locked_vehicle(vehicle_id, scope)
        asked = {name: value for name, value in changes.items() if name in CHANGEABLE_VEHICLE}
        before = {name: getattr(row, name) for name in asked}
        changed = {name: value for name, value in asked.items() if before[name] != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if "plate" in changes and plate != queries.vehicle(vehicle_id, scope).plate:
            row.plate_sealed, row.plate_blind, row.plate_end_blind = (
                sealed_plate(row.vin, plate) if plate else (None, None, None)
            )
            row.plate_at = now
            changed["plate_changed"] = True
        if changed:
            kept = {name: before[name] for name in changed if name in before}
            _audit("vehicle.changed", row.id, None, None, now=now, by=by, before=kept, after=changed)


def change_owner(vehicle_id: int, customer_id: int, *, day: date, scope: Scope, now: datetime, by: Actor) -> None:
    """Make the customer the main owner from `day` on; the one before it ends there.

    Refused: whoever is the owner already, a day before the present owner's first.
    """
    with transaction() as session:
        row = queries.locked_vehicle(vehicle_id, scope)
        found = queries.customer(customer_id, scope)
        owner = queries.open_owner(row.id)
        if owner is not None:
            if owner.holder_id == customer_id:
                raise AlreadyOwner
            if day < owner.from_day:
                raise OwnedThen(day=owner.from_day)
            owner.until_day = day
            session.flush()
        session.add(Ownership(vehicle_id=row.id, holder_id=customer_id, role="owner", from_day=day))
        before = {"owner": owner.holder_id} if owner else None
        after = {"owner": customer_id, "day": day}
        _audit(
            "vehicle.owner_changed",
            row.id,
            customer_id,
            found.home_store_id,
            now=now,
            by=by,
            before=before,
            after=after,
        )
        told = {"vehicle": row.vin[-6:], "day": day}
        entries = [TimelineEntry(customer_id, now, "vehicle", "Became owner of vehicle {vehicle}", told, by.name)]
        if owner:
            gone = "No longer owner of vehicle {vehicle}"
            entries.append(TimelineEntry(owner.holder_id, now, "vehicle", gone, told, by.name))
        write_timeline(entries)
        former = owner.holder_id if owner else None
        announce([OwnerChanged(vehicle_id, former, customer_id, day)], now=now, by=by)


def add_reading(vehicle_id: int, km: int, *, day: date, zone: str, scope: Scope, now: datetime, by: Actor) -> None:
    """Write down a mileage read on `day`; refused when it would run backward (see `correct_reading`)."""
    _check_km(km, day, now)
    with transaction():
        row = queries.locked_vehicle(vehicle_id, scope)
        at = min(now, midnight(day, zone)) if day < now.date() else now
        problem = record_readings([ReadingSeen(row.id, km, at, day, HAND)], now=now, by=by)[0]
        if problem is not None:
            raise problem
        _audit("reading.added", row.id, None, None, now=now, by=by, after={"km": km, "day": day})
        announce([MileageRead(vehicle_id)], now=now, by=by)


def correct_reading(
    vehicle_id: int, km: int, *, day: date, reason: str, scope: Scope, now: datetime, by: Actor
) -> None:
    """Write down a mileage that stands against earlier ones, with the reason; later readings go upward from it."""
    _check_km(km, day, now)
    if not reason.strip():
        raise Malformed({"reason": ["Give the reason for the correction."]})
    with transaction() as session:
        row = queries.locked_vehicle(vehicle_id, scope)
        session.add(
            OdometerReading(
                vehicle_id=row.id,
                km=km,
                read_at=now,
                read_day=day,
                source=HAND,
                reason=reason.strip(),
                by_name=by.name,
                created_at=now,
            ),
        )
        after = {"km": km, "day": day}  # the reason stands with the reading, where it can be forgotten
        _audit("reading.corrected", row.id, None, None, now=now, by=by, after=after)
        announce([MileageRead(vehicle_id)], now=now, by=by)


def _check_km(km: int, day: date, now: datetime) -> None:
    if not 0 <= km <= MOST_KM:
        raise Malformed({"km": ["Mileage is a whole number from 0 to 3,000,000 km."]})
    if (day - now.date()).days > 1:  # one more, since it may be tomorrow there already
        raise Malformed({"day": ["This day lies in the future."]})


def _audit(
    action: str,
    vehicle_id: int,
    customer_id: int | None,
    store_id: int | None,
    *,
    now: datetime,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record_audit(
        [AuditEntry(action, "vehicle", vehicle_id, by, now, customer_id, store_id, before=before, after=after)]
    )
