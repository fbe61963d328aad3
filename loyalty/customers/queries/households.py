"""Households with their people and cars, and companies with their drivers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from loyalty.customers.models import Customer, Household, HouseholdPerson, Ownership, Vehicle
from loyalty.customers.queries.arrays import any_id
from loyalty.customers.queries.people import CUSTOMER_COLUMNS, view_of, visible
from loyalty.customers.queries.vehicles import VEHICLE_COLUMNS, vehicle_of
from loyalty.customers.queries.views import CustomerView, VehicleView
from loyalty.customers.rules import HouseholdNotFound
from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a household, from a day until a day (the first on which it is no longer so; None: still)."""

    customer: CustomerView
    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class Car:
    """A vehicle with one of those who hold it now, and as what."""

    vehicle: VehicleView
    holder: CustomerView
    role: str


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """A household: its people as far as they are visible, those who are in it first, and the cars of these."""

    id: int
    name: str
    people: tuple[Person, ...]
    cars: tuple[Car, ...]

    @property
    def present(self) -> tuple[Person, ...]:
        """Those who are in it now."""
        return tuple(person for person in self.people if person.until_day is None)


def household(household_id: int, scope: Scope) -> HouseholdView:
    """Return the household; HouseholdNotFound when missing, or nobody of it is in `scope`."""
    rows = db.session.execute(
        select(
            *CUSTOMER_COLUMNS, Household.name.label("household"), HouseholdPerson.from_day, HouseholdPerson.until_day
        )
        .join(HouseholdPerson, HouseholdPerson.customer_id == Customer.id)
        .join(Household, Household.id == HouseholdPerson.household_id)
        .where(HouseholdPerson.household_id == household_id, visible(scope))
        .order_by(HouseholdPerson.until_day.is_not(None), HouseholdPerson.from_day, HouseholdPerson.id)
    ).all()
    if not rows:
        raise HouseholdNotFound
    people = tuple(Person(view_of(row), row.from_day, row.until_day) for row in rows)
    cars = cars_of([person.customer.id for person in people if person.until_day is None])
    return HouseholdView(household_id, rows[0].household, people, tuple(cars))


def household_of(customer_id: int) -> tuple[int, str] | None:
    """Return id and name of the household that a customer is in now, or None."""
    row = db.session.execute(
        select(Household.id, Household.name)
        .join(HouseholdPerson, HouseholdPerson.household_id == Household.id)
        .where(HouseholdPerson.customer_id == customer_id, HouseholdPerson.until_day.is_(None))
    ).one_or_none()
    return None if row is None else (row.id, row.name)


def locked_person(customer_id: int) -> HouseholdPerson | None:
    """Return the row of a customer who is in a household now, locked for a change, or None."""
    return db.session.scalars(
        select(HouseholdPerson)
        .where(HouseholdPerson.customer_id == customer_id, HouseholdPerson.until_day.is_(None))
        .with_for_update()
    ).one_or_none()


def cars_of(customer_ids: Iterable[int]) -> list[Car]:
    """Return the vehicles that these customers hold now, each with its holder; one statement."""
    rows = db.session.execute(
        select(*VEHICLE_COLUMNS, *CUSTOMER_COLUMNS, Ownership.role)
        .join(Ownership, Ownership.vehicle_id == Vehicle.id)
        .join(Customer, Customer.id == Ownership.holder_id)
        .where(Ownership.holder_id == any_id(customer_ids), Ownership.until_day.is_(None))
        .order_by(Vehicle.id, Ownership.role != "owner", Ownership.id)
    )
    return [_car(row) for row in rows]


def drivers_of(company_id: int, scope: Scope) -> list[Car]:
    """Return the vehicles of which this customer is the main owner, each with its drivers and payers in `scope`."""
    owned = select(Ownership.vehicle_id).where(
        Ownership.holder_id == company_id, Ownership.role == "owner", Ownership.until_day.is_(None)
    )
    rows = db.session.execute(
        select(*VEHICLE_COLUMNS, *CUSTOMER_COLUMNS, Ownership.role)
        .join(Ownership, Ownership.vehicle_id == Vehicle.id)
        .join(Customer, Customer.id == Ownership.holder_id)
        .where(
            Ownership.vehicle_id.in_(owned),
            Ownership.role != "owner",
            Ownership.until_day.is_(None),
            visible(scope),
        )
        .order_by(Vehicle.id, Ownership.id)
    )
    return [_car(row) for row in rows]


def locked_second_role(vehicle_id: int, customer_id: int) -> Ownership | None:
    """Return the open row of a driver or payer of a vehicle, locked for a change, or None."""
    return db.session.scalars(
        select(Ownership)
        .where(
            Ownership.vehicle_id == vehicle_id,
            Ownership.holder_id == customer_id,
            Ownership.role != "owner",
            Ownership.until_day.is_(None),
        )
        .with_for_update()
    ).first()


def _car(row: Sequence[Any]) -> Car:
    held: Sequence[Any] = row[len(VEHICLE_COLUMNS) :]
    return Car(vehicle_of(row), view_of(held), held[len(CUSTOMER_COLUMNS)])
