"""Vehicles and what decides on their inspections: the law's tables, and what somebody found out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import batch, db
from loyalty.programme.queries import rows_in_force
from loyalty.visits.rules import Car, Law, due_months, first_day

FAMILY, GOODS = "inspection_family", "inspection_goods"
LAWS = (FAMILY, GOODS, "inspection_commercial", "inspection_motorcycle")
EVERYWHERE = "CN"
UNSURE = frozenset({"general", "weak"})

_CAR = """
    SELECT v.id, v.vehicle_class, v.use, v.made_day, v.registered_day, i.official_day, i.exceptions{more}
    FROM vehicles AS v LEFT JOIN vehicle_inspections AS i ON i.vehicle_id = v.id
"""
# Whoever closed the account is not reminded.
_REGISTERED = text(
    _CAR.replace("{more}", ", o.holder_id AS customer_id, c.home_store_id AS store_id")
    + """
    JOIN ownerships AS o ON o.vehicle_id = v.id AND o.role = 'owner' AND o.until_day IS NULL
    JOIN customers AS c ON c.id = o.holder_id AND c.state IN ('prospect', 'active')
    JOIN stores AS s ON s.id = c.home_store_id AND s.zone = :zone
    WHERE v.id > :after AND (v.registered_day IS NOT NULL OR i.official_day IS NOT NULL)
    AND (CAST(:only AS bigint) IS NULL OR v.id = :only)
    ORDER BY v.id LIMIT :most
"""
)
_FOUND = text(
    _CAR.replace("{more}", ", i.at, i.by_name")
    + """
    WHERE v.id = :vehicle_id
"""
)
# One that is void may be planned again, under a key of its own.
_FREE = text("""
    SELECT r.vehicle_id, r.day, count(p.id) AS before
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (vehicle_id bigint, day date)
    LEFT JOIN plans AS p ON p.trigger = 'inspection' AND p.vehicle_id = r.vehicle_id AND p.day = r.day
    GROUP BY r.vehicle_id, r.day HAVING bool_and(p.id IS NULL OR p.state = 'void')
""")
_PLANNED = text(
    _CAR.replace("{more}", ", p.id AS plan_id, p.day")
    + """
    JOIN plans AS p ON p.vehicle_id = v.id AND p.trigger = 'inspection' AND p.state = 'active' AND p.day >= :today
    WHERE CAST(:only AS bigint) IS NULL OR v.id = :only
    ORDER BY p.id
"""
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vehicle that may have to be inspected, and who is reminded of it by which store."""

    vehicle_id: int
    car: Car
    customer_id: int
    store_id: int


@dataclass(frozen=True, slots=True)
class CarView:
    """A vehicle with what is known of its inspections; `at` and `by` None while nobody found anything out."""

    car: Car
    at: datetime | None
    by: str | None


def window_months(day: date) -> int | None:
    """Return how many months before its month an inspection can be done; None while no table says so."""
    table = rows_in_force("inspection_window", EVERYWHERE, day)
    return table.rows[0]["months_before"] if table is not None and table.rows else None


def laws_on(days: Sequence[date], months_before: int) -> list[Law]:
    """Return what the law says of inspections that are due on each of these days."""
    return [_law(day, months_before) for day in days]


def _law(day: date, months_before: int) -> Law:
    tables = {kind: table for kind in LAWS if (table := rows_in_force(kind, EVERYWHERE, day)) is not None}
    return Law(
        day,
        first_day(day, months_before),
        {kind: due_months(table.rows) for kind, table in tables.items()},
        {kind: table.source for kind, table in tables.items()},
        frozenset(kind for kind, table in tables.items() if table.certainty in UNSURE),
    )


def cars_registered(zone: str, after: int, most: int, *, only: int | None = None) -> list[Candidate]:
    """Return vehicles whose owners belong to the stores of a zone, those behind `after` by number; at most so many."""
    asked = {"zone": zone, "after": after, "most": most, "only": only}
    rows = db.session.execute(_REGISTERED, asked)
    return [Candidate(row.id, _car(row), row.customer_id, row.store_id) for row in rows]


def car_of(vehicle_id: int) -> CarView | None:
    """Return a vehicle with what is known of its inspections; None where there is no such vehicle."""
    for row in db.session.execute(_FOUND, {"vehicle_id": vehicle_id}):
        return CarView(_car(row), row.at, row.by_name)
    return None


def free_inspections(wanted: Sequence[tuple[int, date]]) -> Mapping[tuple[int, date], int]:
    """Return those of these (vehicle, day) that have no plan but void ones, with the number of those."""
    rows = [{"vehicle_id": vehicle_id, "day": day} for vehicle_id, day in wanted]
    return {(row.vehicle_id, row.day): row.before for row in db.session.execute(_FREE, {"rows": batch(rows)})}


def planned_inspections(today: date, *, only: int | None = None) -> list[tuple[int, date, Car]]:
    """Return the plans of inspections that are still to come: plan, its day, and the vehicle as it is now."""
    rows = db.session.execute(_PLANNED, {"today": today, "only": only})
    return [(row.plan_id, row.day, _car(row)) for row in rows]


def _car(row: Any) -> Car:
    return Car(row.vehicle_class, row.use, row.made_day, row.registered_day, row.official_day, row.exceptions)
