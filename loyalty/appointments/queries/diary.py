"""Appointments with their customers and vehicles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_

from loyalty.appointments.models import Appointment
from loyalty.appointments.rules import AHEAD, OPEN, AppointmentNotFound, State
from loyalty.customers.models import Customer
from loyalty.customers.queries import CustomerView, VehicleView, customers_by_ids, vehicles_by_ids
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import EVERYTHING, Scope
from loyalty.kernel.clock import end_of, midnight, parse_moment
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.staff.models import Store

ANY_STATE = "all"
MOST_ON_A_PAGE = 400


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An appointment with its store, customer and vehicle."""

    id: int
    customer_id: int
    key: str
    store_id: int
    store: str
    store_code: str
    zone: str
    vehicle_id: int | None
    starts_at: datetime
    ends_at: datetime
    topic: str
    note: str
    state: str
    reason: str | None
    turn: int
    seq: int
    made_at: datetime
    made_by: str
    customer: CustomerView
    vehicle: VehicleView | None

    @property
    def is_ahead(self) -> bool:
        """Whether the car is still to come."""
        return self.state in AHEAD


@dataclass(frozen=True, slots=True)
class Filter:
    """Which appointments to list: the days in the store's zone, a store, a customer, a state; None leaves it open."""

    since: date | None = None
    until: date | None = None
    store_id: int | None = None
    customer_id: int | None = None
    state: str | None = None


def appointment(appointment_id: int, scope: Scope) -> AppointmentView:
    """Return an appointment; not found where there is none, or it lies outside the scope."""
    for one in _views(_chosen(scope).where(Appointment.id == appointment_id)):
        return one
    raise AppointmentNotFound(appointment=appointment_id)


def lock(appointment_id: int, scope: Scope) -> AppointmentView:
    """Return an appointment as `appointment` does, locked until the transaction ends."""
    db.session.execute(select(Appointment.id).where(Appointment.id == appointment_id).with_for_update())
    return appointment(appointment_id, scope)


def page(wanted: Filter, scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[AppointmentView]:
    """Return appointments by time."""
    chosen = _chosen(scope).where(*_wanted(wanted))
    if cursor is not None:
        at, number = decode_cursor(cursor, (parse_moment, int))
        chosen = chosen.where(tuple_(Appointment.starts_at, Appointment.id) > tuple_(at, number))
    found = _views(chosen.order_by(Appointment.starts_at, Appointment.id).limit(limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else encode_cursor([last.starts_at, last.id])
    return Page(found[:limit], following)


def between(
    since: date, until: date, store_ids: Collection[int], advisor_id: int | None = None
) -> list[AppointmentView]:
    """Return the appointments of these stores between two days that were not cancelled, by time; some 400 at most.

    With `advisor_id` only those of customers who have that advisor.
    """
    wanted = [
        Appointment.store_id == any_id(store_ids),
        Appointment.state != State.CANCELLED,
        *_wanted(Filter(since=since, until=until)),
    ]
    if advisor_id is not None:
        theirs = select(Customer.id).where(Customer.advisor_id == advisor_id)
        wanted.append(Appointment.customer_id.in_(theirs))
    return _views(
        _chosen(EVERYTHING).where(*wanted).order_by(Appointment.starts_at, Appointment.id).limit(MOST_ON_A_PAGE)
    )


def of_customer(customer_id: int, scope: Scope, *, limit: int = 20) -> list[AppointmentView]:
    """Return a customer's appointments, the latest first."""
    chosen = _chosen(scope).where(Appointment.customer_id == customer_id)
    return _views(chosen.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(limit))


def ahead_of(customer_id: int) -> int:
    """Return how many appointments of the customer are still ahead."""
    chosen = select(func.count()).where(Appointment.customer_id == customer_id, Appointment.state.in_(AHEAD))
    return db.session.scalar(chosen) or 0


def by_key(customer_id: int, key: str) -> int | None:
    """Return the appointment that the customer's key made, or None."""
    return db.session.scalar(
        select(Appointment.id).where(Appointment.customer_id == customer_id, Appointment.key == key)
    )


def open_of(customer_ids: Collection[int], vehicle_id: int | None = None) -> list[int]:
    """Return the appointments ahead of these customers, those with one vehicle alone where it is named."""
    chosen = select(Appointment.id).where(Appointment.customer_id == any_id(customer_ids), Appointment.state.in_(OPEN))
    if vehicle_id is not None:
        chosen = chosen.where(Appointment.vehicle_id == vehicle_id)
    return list(db.session.scalars(chosen.order_by(Appointment.id)))


def own_appointments(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return a person's appointments, for the copy that the person may have."""
    chosen = (
        select(
            Appointment.starts_at.label("at"),
            Store.name.label("store"),
            Appointment.topic,
            Appointment.note,
            Appointment.state,
            Appointment.reason,
            Appointment.made_at,
        )
        .join(Store, Store.id == Appointment.store_id)
        .where(Appointment.customer_id == any_id(ids))
        .order_by(Appointment.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


_COLUMNS: tuple[Any, ...] = (
    Appointment.id,
    Appointment.customer_id,
    Appointment.key,
    Appointment.store_id,
    Store.name.label("store"),
    Store.code.label("store_code"),
    Store.zone,
    Appointment.vehicle_id,
    Appointment.starts_at,
    Appointment.ends_at,
    Appointment.topic,
    Appointment.note,
    Appointment.state,
    Appointment.reason,
    Appointment.turn,
    Appointment.seq,
    Appointment.made_at,
    Appointment.made_by,
)


def _chosen(scope: Scope) -> Select[Any]:
    seen: list[ColumnElement[bool]] = []
    if scope.customer_id is not None:
        seen.append(Appointment.customer_id == scope.customer_id)
    if scope.stores is not None:
        seen.append(Appointment.store_id.in_(scope.stores) if scope.stores else false())
    return select(*_COLUMNS).join(Store, Store.id == Appointment.store_id).where(*seen)


def _wanted(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("store_id", "customer_id", "state"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(getattr(Appointment, name) == value)
    if wanted.since is None and wanted.until is None:
        return found
    zones = list(db.session.scalars(select(Store.zone).distinct()))
    return [*found, or_(false(), *(_days(zone, wanted) for zone in zones))]


def _days(zone: str, wanted: Filter) -> ColumnElement[bool]:
    bounds = [Store.zone == zone]
    if wanted.since is not None:
        bounds.append(Appointment.starts_at >= midnight(wanted.since, zone))
    if wanted.until is not None:
        bounds.append(Appointment.starts_at < end_of(wanted.until, zone))
    return and_(*bounds)


def _views(chosen: Select[Any]) -> list[AppointmentView]:
    """Return what the statement finds, with customers and vehicles: three statements for any number."""
    rows = db.session.execute(chosen).mappings().all()
    people = customers_by_ids({row["customer_id"] for row in rows})
    cars = vehicles_by_ids({row["vehicle_id"] for row in rows if row["vehicle_id"] is not None})
    return [
        AppointmentView(**row, customer=people[row["customer_id"]], vehicle=cars.get(row["vehicle_id"] or 0))
        for row in rows
    ]
