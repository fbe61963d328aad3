"""Inspections that come: planned once for each vehicle and day, and void when the day turns out to be another one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from loyalty.customers.queries import vehicle
from loyalty.kernel.actor import EVERYTHING, Actor, Scope
from loyalty.kernel.clock import add_months, day_at, month_start
from loyalty.kernel.db import batch, transaction
from loyalty.kernel.errors import Malformed
from loyalty.staff.queries import stores
from loyalty.staff.service import AuditEntry, record_audit
from loyalty.tasks.rules import StoreDays
from loyalty.visits import queries
from loyalty.visits.queries import Candidate
from loyalty.visits.rules import (
    AHEAD,
    CAUSES,
    INSPECTION,
    Car,
    Due,
    Fact,
    Inspected,
    Law,
    PlanState,
    Template,
    first_day,
    next_inspection,
    plan_dates,
)
from loyalty.visits.service.ending import end_plans
from loyalty.visits.service.planning import INSERT_PLANS, basis_of, by_hand_only, step_row

BATCH = 2_000
MOST_MONTHS = 24
YEAR = 13  # this month and the next twelve

_FIND_OUT = text("""
    INSERT INTO vehicle_inspections (vehicle_id, official_day, exceptions, at, by_name)
    VALUES (:vehicle_id, :official_day, :exceptions, :now, :by)
    ON CONFLICT (vehicle_id) DO UPDATE SET official_day = excluded.official_day, exceptions = excluded.exceptions,
        at = excluded.at, by_name = excluded.by_name
""")


def plan_inspections(zone: str, *, now: datetime, by: Actor, only: int | None = None) -> dict[str, int]:
    """Plan what follows the inspections that can be done now or soon, in the stores of a zone; return how many.

    A plan whose day is not the vehicle's any more is void. Run twice, it plans each once. While no table says what the
    law asks for, nothing is planned. `only` names a vehicle.
    """
    today = day_at(now, zone)
    months_before = queries.window_months(today)
    if months_before is None:
        return {"inspections": 0, "changed": 0}
    laws = queries.laws_on(_days(today, months_before), months_before)
    changed = _void_others(laws, today, months_before, only, now=now, by=by)
    planned, after = 0, 0
    while found := queries.cars_registered(zone, after, BATCH, only=only):
        after = found[-1].vehicle_id
        coming = [
            (one, inspected)
            for one in found
            if (inspected := next_inspection(one.car, laws, today=today, months_before=months_before)) is not None
        ]
        planned += _plan(coming, zone, today, now=now)
    return {"inspections": planned, "changed": changed}


def coming_inspection(car: Car, today: date) -> Inspected | None:
    """Return the next inspection of a vehicle within a year, None when none is known."""
    months_before = queries.window_months(today)
    if months_before is None:
        return None
    laws = queries.laws_on(_ends_of_months(today, YEAR), months_before)
    return next_inspection(car, laws, today=today, months_before=months_before, ahead=timedelta(days=400))


def note_inspection(
    vehicle_id: int,
    official_day: date | None,
    exceptions: str | None,
    *,
    scope: Scope,
    now: datetime,
    by: Actor,
) -> None:
    """Write down what somebody found out about the inspections of a vehicle, and plan by it at once.

    VehicleNotFound outside the scope; malformed: an answer about exceptions that there is not.
    """
    if exceptions is not None and exceptions not in CAUSES:
        raise Malformed({"exceptions": ["Choose one of the list."]})
    with transaction() as session:
        vehicle(vehicle_id, scope)
        found = queries.car_of(vehicle_id)
        values = {"vehicle_id": vehicle_id, "official_day": official_day, "exceptions": exceptions}
        session.execute(_FIND_OUT, {**values, "now": now, "by": by.name})
        before = {"official_day": found.car.official_day, "exceptions": found.car.exceptions} if found else {}
        after = {"official_day": official_day, "exceptions": exceptions}
        record_audit(
            [AuditEntry("vehicle.inspection_noted", "vehicle", vehicle_id, by, now, before=before, after=after)]
        )
        for zone in sorted({store.zone for store in stores(EVERYTHING)}):
            plan_inspections(zone, now=now, by=by, only=vehicle_id)


def _days(today: date, months_before: int) -> list[date]:
    """Return the ends of months whose inspections can be done now or soon."""
    found = _ends_of_months(today, min(months_before, MOST_MONTHS) + 2)
    return [day for day in found if first_day(day, months_before) - AHEAD <= today]


def _ends_of_months(today: date, count: int) -> list[date]:
    starts = [add_months(month_start(today), ahead + 1) for ahead in range(count)]
    return [start - timedelta(days=1) for start in starts]


def _void_others(
    laws: Sequence[Law], today: date, months_before: int, only: int | None, *, now: datetime, by: Actor
) -> int:
    wrong = []
    for plan_id, day, car in queries.planned_inspections(today, only=only):
        inspected = next_inspection(car, laws, today=today, months_before=months_before)
        if inspected is None or inspected.day != day:
            wrong.append(plan_id)
    return end_plans(wrong, PlanState.VOID, "inspection", now=now, by=by)


def _plan(coming: Sequence[tuple[Candidate, Inspected]], zone: str, today: date, *, now: datetime) -> int:
    with transaction() as session:
        free = (
            queries.free_inspections([(one.vehicle_id, inspected.day) for one, inspected in coming]) if coming else {}
        )
        wanted = [(one, inspected) for one, inspected in coming if (one.vehicle_id, inspected.day) in free]
        if not wanted:
            return 0
        version_id, template = queries.template_on(today, zone)
        last = max(inspected.day for _, inspected in wanted)
        days = queries.days_of_stores({one.store_id for one, _ in wanted}, add_months(today, -3), add_months(last, 3))
        rows = []
        for one, inspected in wanted:
            voids = free[one.vehicle_id, inspected.day]
            rows.append(_row(one, inspected, voids, version_id, template, days[one.store_id], today))
        planned: int = session.scalar(INSERT_PLANS, {"rows": batch([row for row in rows if row["steps"]]), "now": now})
        return planned


def _row(
    one: Candidate,
    inspected: Inspected,
    voids: int,
    version_id: int | None,
    template: Template,
    days: StoreDays,
    today: date,
) -> dict[str, Any]:
    fact = Fact(INSPECTION, inspected.day, None, inspected.opens, inspected.remarks)
    steps = _in_time(plan_dates(template, fact, [], days), today)
    if inspected.doubtful:
        steps = by_hand_only(steps)
    return {
        "customer_id": one.customer_id,
        "key": f"{INSPECTION}:{one.vehicle_id}:{inspected.day.isoformat()}:{voids}",
        "trigger": INSPECTION,
        "policy_version_id": version_id,
        "vehicle_id": one.vehicle_id,
        "store_id": one.store_id,
        "day": inspected.day,
        "basis": basis_of(template, fact, doubtful=inspected.doubtful),
        "steps": [step_row(due) for due in steps],
    }


def _in_time(steps: Sequence[Due], today: date) -> list[Due]:
    """Return the steps whose time is not over; when all are, the last of them."""
    return [due for due in steps if due.last >= today] or list(steps[-1:])
