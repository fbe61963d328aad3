"""People come into households and leave them; drivers and payers of vehicles begin and end."""

from datetime import date, datetime

from loyalty.customers import queries
from loyalty.customers.models import Customer, Household, HouseholdPerson, Ownership
from loyalty.customers.rules import (
    SECOND_ROLES,
    CompanyInHousehold,
    EndBeforeBegin,
    HoldingNotFound,
    HoldsAlready,
    InAHousehold,
    NotInHousehold,
    TimelineEntry,
    household_name,
)
from loyalty.customers.service.timeline import write_timeline
from loyalty.kernel.actor import Actor, Scope
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.staff.service import AuditEntry, record_audit


def start_household(customer_id: int, name: str, *, day: date, scope: Scope, now: datetime, by: Actor) -> int:
    """Make a household of which the customer is the first person; return its id. Refused: who is in one, a company."""
    called = household_name(name)
    with transaction() as session:
        row = queries.locked(customer_id, scope)
        _check_free(row)
        household = Household(name=called, created_at=now)
        session.add(household)
        session.flush()
        _enter(row, household.id, called, day=day, now=now, by=by)
    return household.id


def join_household(household_id: int, customer_id: int, *, day: date, scope: Scope, now: datetime, by: Actor) -> None:
    """Let a customer belong to a household from `day` on; refused: who is in one already, a company."""
    with transaction():
        household = queries.household(household_id, scope)
        row = queries.locked(customer_id, scope)
        _check_free(row)
        _enter(row, household.id, household.name, day=day, now=now, by=by)


def leave_household(customer_id: int, *, day: date, scope: Scope, now: datetime, by: Actor) -> None:
    """Let a customer leave the household on `day`; refused: who is in none, a day before it began."""
    with transaction():
        row = queries.locked(customer_id, scope)
        person = queries.locked_person(customer_id)
        if person is None:
            raise NotInHousehold(number=row.number)
        if day < person.from_day:
            raise EndBeforeBegin(day=person.from_day)
        person.until_day = day
        _write_down("household.left", row, person.household_id, "Left the household", now=now, by=by)


def add_holder(
    vehicle_id: int, customer_id: int, role: str, *, day: date, scope: Scope, now: datetime, by: Actor
) -> None:
    """Let a customer be a driver or payer of a vehicle from `day` on; refused: who holds it already."""
    if role not in SECOND_ROLES:
        raise Malformed({"role": ["Choose driver or payer."]})
    with transaction() as session:
        vehicle = queries.locked_vehicle(vehicle_id, scope)
        row = queries.locked(customer_id, scope)
        if any(one.vehicle.id == vehicle_id for one in queries.vehicles_of(customer_id)):
            raise HoldsAlready(number=row.number)
        session.add(Ownership(vehicle_id=vehicle_id, holder_id=customer_id, role=role, from_day=day))
        _tell_holding("vehicle.held", vehicle.id, vehicle.vin, row, role, now=now, by=by)


def end_holder(vehicle_id: int, customer_id: int, *, day: date, scope: Scope, now: datetime, by: Actor) -> None:
    """Let a driver or payer be so no longer from `day` on; refused: who is neither, a day before it began."""
    with transaction():
        vehicle = queries.locked_vehicle(vehicle_id, scope)
        row = queries.locked(customer_id, scope)
        held = queries.locked_second_role(vehicle_id, customer_id)
        if held is None:
            raise HoldingNotFound(number=row.number)
        if day < held.from_day:
            raise EndBeforeBegin(day=held.from_day)
        held.until_day = day
        _tell_holding("vehicle.holding_ended", vehicle.id, vehicle.vin, row, held.role, now=now, by=by)


def _check_free(row: Customer) -> None:
    if row.kind == "company":
        raise CompanyInHousehold(number=row.number)
    present = queries.household_of(row.id)
    if present is not None:
        raise InAHousehold(number=row.number, household=present[1])


def _enter(row: Customer, household_id: int, name: str, *, day: date, now: datetime, by: Actor) -> None:
    with transaction() as session:
        session.add(HouseholdPerson(customer_id=row.id, household_id=household_id, from_day=day))
        _write_down("household.joined", row, household_id, "Belongs to the household {household}", name, now=now, by=by)


def _write_down(
    action: str, row: Customer, household_id: int, sentence: str, name: str = "", *, now: datetime, by: Actor
) -> None:
    after = {"household": household_id}
    record_audit([AuditEntry(action, "customer", row.id, by, now, row.id, row.home_store_id, after=after)])
    write_timeline([TimelineEntry(row.id, now, "customer", sentence, {"household": name} if name else {}, by.name)])


def _tell_holding(
    action: str, vehicle_id: int, vin: str, row: Customer, role: str, *, now: datetime, by: Actor
) -> None:
    entry = AuditEntry(action, "vehicle", vehicle_id, by, now, row.id, row.home_store_id, after={"role": role})
    record_audit([entry])
    begins = action == "vehicle.held"
    sentence = "{role} of vehicle {vehicle}" if begins else "No longer {role} of vehicle {vehicle}"
    numbers = {"role": role, "vehicle": vin[-6:]}
    write_timeline([TimelineEntry(row.id, now, "vehicle", sentence, numbers, by.name)])
