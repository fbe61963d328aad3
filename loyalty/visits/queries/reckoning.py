"""What the planner reckons from: readings, plans with what they were made of, and the days that steps fall on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text

from loyalty.customers.models import OdometerReading
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.clock import day_at
from loyalty.kernel.db import batch, db, id_array
from loyalty.visits.models import Plan
from loyalty.visits.rules import INSPECTION, WHY_TEXTS, PlanState, Reading

_BASES = """
    SELECT p.id, p.customer_id, p.trigger, p.vehicle_id, p.store_id, t.zone, p.day, p.km, p.basis, p.made_at
    FROM plans AS p JOIN stores AS t ON t.id = p.store_id
    WHERE p.state = 'active' AND {which}
    ORDER BY p.id
"""
_OF_VEHICLES = text(
    _BASES.replace(
        "{which}",
        """p.vehicle_id = ANY (CAST(:ids AS bigint[])) AND p.trigger <> 'inspection'
            AND EXISTS (SELECT FROM plan_steps AS s WHERE s.customer_id = p.customer_id AND s.plan_id = p.id
                AND s.state = 'planned')""",
    )
)
_COMING = text("""
    SELECT p.store_id, s.due_from, bool_or(s.why @> jsonb_build_array(jsonb_build_object('sentence',
        CAST(:unpublished AS text)))) AS unpublished
    FROM plan_steps AS s
    JOIN plans AS p ON p.customer_id = s.customer_id AND p.id = s.plan_id
    JOIN stores AS t ON t.id = p.store_id AND t.zone = :zone
    WHERE s.state = 'planned' AND s.due_from BETWEEN :since AND :until
    GROUP BY p.store_id, s.due_from
""")
_DUE_ON = text(
    _BASES.replace(
        "{which}",
        """EXISTS (SELECT FROM plan_steps AS s
            JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (store_id bigint, day date) ON r.day = s.due_from
            WHERE s.customer_id = p.customer_id AND s.plan_id = p.id AND s.state = 'planned'
            AND r.store_id = p.store_id)""",
    )
)


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """An active plan with what its days were reckoned from."""

    id: int
    customer_id: int
    trigger: str
    vehicle_id: int | None
    store_id: int
    zone: str
    day: date
    km: int | None
    basis: dict[str, Any]
    made_at: datetime

    @property
    def ruled_day(self) -> date:
        """The day whose template holds: that of the fact, or for what is still to come the one on which it was made."""
        return day_at(self.made_at, self.zone) if self.trigger == INSPECTION else self.day

    @property
    def first_day(self) -> date:
        """The first day that a step can fall on."""
        return date.fromisoformat(self.basis["opens"]) if "opens" in self.basis else self.day


@dataclass(frozen=True, slots=True)
class ComingDay:
    """A day on which steps of a store fall; `unpublished`: some were reckoned without the year's holidays."""

    store_id: int
    due_from: date
    unpublished: bool


def readings_of(vehicle_ids: Collection[int]) -> dict[int, list[Reading]]:
    """Return the readings of each vehicle, the oldest first; those before a correction do not count."""
    chosen = (
        select(OdometerReading.vehicle_id, OdometerReading.read_day, OdometerReading.km, OdometerReading.reason)
        .where(OdometerReading.vehicle_id == any_id(vehicle_ids))
        .order_by(OdometerReading.vehicle_id, OdometerReading.read_at, OdometerReading.id)
    )
    found: dict[int, list[Reading]] = {}
    for vehicle_id, day, km, reason in db.session.execute(chosen):
        if reason is not None:
            found[vehicle_id] = []
        found.setdefault(vehicle_id, []).append(Reading(day, km))
    return found


def plans_of_vehicles(vehicle_ids: Collection[int]) -> list[PlanBasis]:
    """Return the active plans of vehicles that have something planned and may depend on mileage."""
    return [PlanBasis(*row) for row in db.session.execute(_OF_VEHICLES, {"ids": id_array(vehicle_ids)})]


def coming_days(zone: str, since: date, until: date) -> list[ComingDay]:
    """Return on which days between two, both included, steps of a zone's stores are planned."""
    asked = {"zone": zone, "since": since, "until": until, "unpublished": WHY_TEXTS["unpublished"]}
    return [ComingDay(*row) for row in db.session.execute(_COMING, asked)]


def plans_due_on(days: Sequence[tuple[int, date]]) -> list[PlanBasis]:
    """Return the active plans that have a step planned on one of these days of a store."""
    rows = [{"store_id": store_id, "day": day} for store_id, day in days]
    return [PlanBasis(*row) for row in db.session.execute(_DUE_ON, {"rows": batch(rows)})]


def active_of_vehicles(vehicle_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """Return customer, plan and vehicle of the active plans of these vehicles."""
    chosen = select(Plan.customer_id, Plan.id, Plan.vehicle_id).where(
        Plan.vehicle_id == any_id(vehicle_ids), Plan.state == PlanState.ACTIVE
    )
    return [(row.customer_id, row.id, row.vehicle_id) for row in db.session.execute(chosen)]
