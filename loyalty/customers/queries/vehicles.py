"""Vehicles, who held them when, and their mileage."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, lateral, select, text, true
from sqlalchemy.orm import aliased

from loyalty.customers.models import Customer, OdometerReading, Ownership, Vehicle
from loyalty.customers.queries.arrays import any_id, any_text
from loyalty.customers.queries.people import CUSTOMER_COLUMNS, view_of, visible
from loyalty.customers.queries.views import HeldVehicle, Holding, ReadingView, VehicleHit, VehicleView
from loyalty.customers.rules import VehicleNotFound
from loyalty.customers.sealed import readable_plate
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import batch, db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor

VEHICLE_COLUMNS = (
    Vehicle.id,
    Vehicle.vin,
    Vehicle.plate_sealed,
    Vehicle.model,
    Vehicle.vehicle_class,
    Vehicle.use,
    Vehicle.energy,
    Vehicle.made_day,
    Vehicle.registered_day,
    Vehicle.invoiced_day,
    Vehicle.delivered_day,
)


@dataclass(frozen=True, slots=True)
class KnownVehicle:
    """A vehicle that was seen before, and who holds it now as (customer, role)."""

    id: int
    plate_blind: bytes | None
    plate_at: datetime | None
    model: str | None
    holders: frozenset[tuple[int, str]]

    @property
    def owner_id(self) -> int | None:
        """The main owner, or None."""
        return next((holder for holder, role in self.holders if role == "owner"), None)


def vehicle_of(row: Sequence[Any]) -> VehicleView:
    """Return the vehicle whose `VEHICLE_COLUMNS` begin the row."""
    at, vin, sealed, *rest = row[: len(VEHICLE_COLUMNS)]
    return VehicleView(at, vin, readable_plate(vin, sealed) if sealed else None, *rest)


def vehicle_visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition under which rows of `Vehicle` may be seen: somebody visible holds or held it."""
    if scope.stores is None and scope.customer_id is None:
        return true()
    if scope.stores is not None and not scope.stores:
        return false()
    held = exists().where(Ownership.vehicle_id == Vehicle.id, Ownership.holder_id == Customer.id, visible(scope))
    if scope.customer_id is not None:
        held = held.where(Ownership.until_day.is_(None))  # an owner sees no vehicle that was sold on
    return held


def known_vehicles(vins: Sequence[str]) -> dict[str, KnownVehicle]:
    """Return the vehicles with these VINs and who holds them now; one statement."""
    rows = db.session.execute(
        select(
            Vehicle.vin,
            Vehicle.id,
            Vehicle.plate_blind,
            Vehicle.plate_at,
            Vehicle.model,
            func.array_agg(Ownership.holder_id).filter(Ownership.id.is_not(None)).label("holders"),
            func.array_agg(Ownership.role).filter(Ownership.id.is_not(None)).label("roles"),
        )
        .outerjoin(Ownership, and_(Ownership.vehicle_id == Vehicle.id, Ownership.until_day.is_(None)))
        .where(Vehicle.vin == any_text(vins))
        .group_by(Vehicle.id),
    )
    return {
        row.vin: KnownVehicle(
            row.id,
            None if row.plate_blind is None else bytes(row.plate_blind),
            row.plate_at,
            row.model,
            frozenset(zip(row.holders or (), row.roles or (), strict=True)),
        )
        for row in rows
    }


def vehicle(vehicle_id: int, scope: Scope) -> VehicleView:
    """Return the vehicle; VehicleNotFound when missing or outside `scope`."""
    row = db.session.execute(
        select(*VEHICLE_COLUMNS).where(Vehicle.id == vehicle_id, vehicle_visible(scope)),
    ).one_or_none()
    if row is None:
        raise VehicleNotFound(vehicle=vehicle_id)
    return vehicle_of(row)


def vehicle_id_by_vin(vin: str, scope: Scope) -> int:
    """Return the id of the vehicle with this VIN; VehicleNotFound when missing or outside `scope`."""
    found = db.session.scalar(select(Vehicle.id).where(Vehicle.vin == vin, vehicle_visible(scope)))
    if found is None:
        raise VehicleNotFound(vehicle=vin)
    return found


def vehicle_taken(vin: str) -> bool:
    """Return whether there is a vehicle with this VIN, whoever may see it."""
    return bool(db.session.scalar(select(exists().where(Vehicle.vin == vin))))


def locked_vehicle(vehicle_id: int, scope: Scope) -> Vehicle:
    """Return the row for a change, locked and read again; VehicleNotFound when missing or outside `scope`."""
    row = db.session.scalars(
        select(Vehicle)
        .where(Vehicle.id == vehicle_id, vehicle_visible(scope))
        .with_for_update()
        .execution_options(populate_existing=True),
    ).one_or_none()
    if row is None:
        raise VehicleNotFound(vehicle=vehicle_id)
    return row


def vehicles_by_ids(vehicle_ids: Iterable[int]) -> dict[int, VehicleView]:
    """Return vehicles by id, whoever may see them: for upper features that show what is theirs to show."""
    rows = db.session.execute(select(*VEHICLE_COLUMNS).where(Vehicle.id == any_id(vehicle_ids)))
    return {row.id: vehicle_of(row) for row in rows}


def vehicles_of(customer_id: int, *, past: bool = False) -> list[HeldVehicle]:
    """Return the vehicles a customer holds, those held before too with `past`, with the last mileage of each."""
    reading = lateral(
        select(OdometerReading.km, OdometerReading.read_day)
        .where(OdometerReading.vehicle_id == Vehicle.id)
        .order_by(OdometerReading.read_at.desc(), OdometerReading.id.desc())
        .limit(1),
    )
    query = (
        select(
            *VEHICLE_COLUMNS,
            Ownership.role,
            Ownership.from_day,
            Ownership.until_day,
            reading.c.km,
            reading.c.read_day,
        )
        .join(Ownership, Ownership.vehicle_id == Vehicle.id)
        .outerjoin(reading, true())
        .where(Ownership.holder_id == customer_id)
        .order_by(Ownership.until_day.is_not(None), Ownership.role != "owner", Ownership.from_day.desc(), Vehicle.id)
    )
    if not past:
        query = query.where(Ownership.until_day.is_(None))
    return [_held(row) for row in db.session.execute(query)]


def _held(row: Sequence[Any]) -> HeldVehicle:
    rest: Sequence[Any] = row[len(VEHICLE_COLUMNS) :]
    return HeldVehicle(vehicle_of(row), *rest)


def holdings(vehicle_id: int) -> list[Holding]:
    """Return who holds and held a vehicle, the latest first."""
    rows = db.session.execute(
        select(*CUSTOMER_COLUMNS, Ownership.id.label("at"), Ownership.role, Ownership.from_day, Ownership.until_day)
        .join(Ownership, Ownership.holder_id == Customer.id)
        .where(Ownership.vehicle_id == vehicle_id)
        .order_by(Ownership.until_day.is_not(None), Ownership.from_day.desc(), Ownership.id.desc()),
    )
    return [Holding(row.at, view_of(row), row.role, row.from_day, row.until_day) for row in rows]


def open_owner(vehicle_id: int) -> Ownership | None:
    """Return the present main owner's row, or None."""
    return db.session.scalars(
        select(Ownership).where(
            Ownership.vehicle_id == vehicle_id,
            Ownership.role == "owner",
            Ownership.until_day.is_(None),
        ),
    ).one_or_none()


def readings(vehicle_id: int, *, limit: int = 50) -> list[ReadingView]:
    """Return the mileage of a vehicle over time, the latest first."""
    rows = db.session.execute(
        select(
            OdometerReading.id,
            OdometerReading.km,
            OdometerReading.read_at,
            OdometerReading.read_day,
            OdometerReading.source,
            OdometerReading.reason,
            OdometerReading.by_name,
        )
        .where(OdometerReading.vehicle_id == vehicle_id)
        .order_by(OdometerReading.read_at.desc(), OdometerReading.id.desc())
        .limit(limit),
    )
    return [ReadingView(*row) for row in rows]


NEIGHBOURS = text("""
    SELECT w.place, b.km AS before_km, b.read_day AS before_day, a.km AS after_km, a.read_day AS after_day
    FROM json_to_recordset(CAST(:rows AS json)) AS w(place int, vehicle_id bigint, read_at timestamptz, source text)
    LEFT JOIN LATERAL (
        SELECT km, read_day FROM odometer_readings AS r
        WHERE r.vehicle_id = w.vehicle_id AND r.read_at <= w.read_at
        AND NOT (r.read_at = w.read_at AND r.source = w.source)
        ORDER BY r.read_at DESC, r.id DESC LIMIT 1
    ) AS b ON true
    LEFT JOIN LATERAL (
        SELECT km, read_day, reason FROM odometer_readings AS r
        WHERE r.vehicle_id = w.vehicle_id AND r.read_at > w.read_at ORDER BY r.read_at, r.id LIMIT 1
    ) AS a ON a.reason IS NULL
""")

Neighbour = tuple[int, date] | None


def reading_neighbours(rows: Sequence[dict[str, Any]]) -> dict[int, tuple[Neighbour, Neighbour]]:
    """Return for each row (place, vehicle_id, read_at, source) the reading before it and the one after it."""
    found = db.session.execute(NEIGHBOURS, {"rows": batch(rows)})
    return {
        row.place: (
            None if row.before_km is None else (row.before_km, row.before_day),
            None if row.after_km is None else (row.after_km, row.after_day),
        )
        for row in found
    }


def vehicle_hits(vehicle_ids: Sequence[int], scope: Scope) -> list[VehicleHit]:
    """Return vehicles for a list, in the order asked, with their main owners as far as those are visible."""
    owner = aliased(Ownership)
    rows = db.session.execute(
        select(*VEHICLE_COLUMNS, *CUSTOMER_COLUMNS)
        .outerjoin(
            owner,
            and_(owner.vehicle_id == Vehicle.id, owner.role == "owner", owner.until_day.is_(None)),
        )
        .outerjoin(Customer, and_(Customer.id == owner.holder_id, visible(scope)))
        .where(Vehicle.id == any_id(vehicle_ids)),
    )
    found = {}
    for row in rows:
        rest = row[len(VEHICLE_COLUMNS) :]
        found[row[0]] = VehicleHit(vehicle_of(row), view_of(rest) if rest[0] is not None else None)
    return [found[at] for at in vehicle_ids if at in found]


def vehicle_list(scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[VehicleHit]:
    """Return vehicles, the latest added first."""
    query = select(Vehicle.id).where(vehicle_visible(scope))
    if cursor:
        (at,) = decode_cursor(cursor, (int,))
        query = query.where(Vehicle.id < at)
    ids = list(db.session.scalars(query.order_by(Vehicle.id.desc()).limit(limit + 1)))
    shown = vehicle_hits(ids[:limit], scope)
    return Page(shown, encode_cursor([ids[limit - 1]]) if len(ids) > limit else None)
