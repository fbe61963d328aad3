"""Plans with their steps, and what the planner needs to know of vehicles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from loyalty.customers.models import OdometerReading
from loyalty.customers.queries import CustomerView, VehicleView, customers_by_ids, vehicles_by_ids
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.programme.queries import in_force
from loyalty.staff.models import Store
from loyalty.visits.models import Plan, PlanStep
from loyalty.visits.rules import USUAL_BODY, PlanNotFound, PlanState, Reading, StepState, Template, parse_template

KIND = "follow-up"
_USUAL = parse_template(USUAL_BODY)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a plan."""

    id: int
    plan_id: int
    code: str
    names: dict[str, Any]
    due_from: date
    due_to: date
    why: list[dict[str, Any]]
    state: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its customer and vehicle, its next step, and how many are done."""

    id: int
    customer_id: int
    trigger: str
    sale_id: int
    vehicle_id: int | None
    store_id: int
    store: str
    zone: str
    day: date
    km: int | None
    state: str
    reason: str | None
    made_at: datetime
    customer: CustomerView
    vehicle: VehicleView | None
    steps: tuple[StepView, ...]

    @property
    def next_step(self) -> StepView | None:
        """The next step that is still planned or open; None when there is none."""
        return next((one for one in self.steps if one.state in {StepState.PLANNED, StepState.OPENED}), None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(one.state == StepState.DONE for one in self.steps)


def template_on(day: date, zone: str) -> tuple[int | None, Template]:
    """Return the version and the template in force as a day begins; the usual one while none was ever published."""
    version = in_force(KIND, midnight(day, zone))
    if version is None:
        return None, _USUAL
    template: Template = version.rules
    return version.id, template


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


def plan(plan_id: int, scope: Scope) -> PlanView:
    """Return a plan; not found where there is none, or it lies outside the scope."""
    for view in _views(_plans(scope).where(Plan.id == plan_id)):
        return view
    raise PlanNotFound(plan=plan_id)


def plans_page(
    scope: Scope, *, state: str | None, customer_id: int | None = None, cursor: str | None = None, limit: int = 25
) -> Page[PlanView]:
    """Return plans of a state (None: any), the latest first."""
    chosen = _plans(scope)
    if state is not None:
        chosen = chosen.where(Plan.state == state)
    if customer_id is not None:
        chosen = chosen.where(Plan.customer_id == customer_id)
    if cursor is not None:
        (last,) = decode_cursor(cursor, (int,))
        chosen = chosen.where(Plan.id < last)
    found = _views(chosen.order_by(Plan.id.desc()).limit(limit + 1))
    return Page(found[:limit], encode_cursor([found[limit - 1].id]) if len(found) > limit else None)


def has_plans(scope: Scope) -> bool:
    """Return whether the stores ever had a plan."""
    return bool(db.session.execute(_plans(scope).limit(1)).first())


def steps_of(plan_ids: Collection[int]) -> dict[int, list[StepView]]:
    """Return the steps of each plan by day."""
    chosen = (
        select(
            PlanStep.id,
            PlanStep.plan_id,
            PlanStep.code,
            PlanStep.names,
            PlanStep.due_from,
            PlanStep.due_to,
            PlanStep.why,
            PlanStep.state,
        )
        .where(
            PlanStep.plan_id == any_id(plan_ids),
            PlanStep.customer_id.in_(select(Plan.customer_id).where(Plan.id == any_id(plan_ids))),
        )
        .order_by(PlanStep.due_from, PlanStep.id)
    )
    found: dict[int, list[StepView]] = {}
    for row in db.session.execute(chosen):
        found.setdefault(row.plan_id, []).append(StepView(*row))
    return found


def plans_of_sales(trigger: str, sale_ids: Collection[int]) -> list[int]:
    """Return the plans that a trigger of these sales led to and that are not void."""
    mine = (Plan.trigger == trigger, Plan.sale_id == any_id(sale_ids), Plan.state != PlanState.VOID)
    return list(db.session.scalars(select(Plan.id).where(*mine)))


def active_of_vehicles(vehicle_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """Return customer, plan and vehicle of the active plans of these vehicles."""
    chosen = select(Plan.customer_id, Plan.id, Plan.vehicle_id).where(
        Plan.vehicle_id == any_id(vehicle_ids), Plan.state == PlanState.ACTIVE
    )
    return [(row.customer_id, row.id, row.vehicle_id) for row in db.session.execute(chosen)]


def own_plans(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return a person's follow-up plans, for the copy that the person may have."""
    chosen = (
        select(Plan.made_at.label("at"), Plan.trigger, Plan.day, Plan.km, Plan.state, Plan.reason, Plan.ended_at)
        .where(Plan.customer_id.in_(list(ids)))
        .order_by(Plan.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


def own_steps(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the steps of a person's plans, for the copy that the person may have."""
    chosen = (
        select(PlanStep.names, PlanStep.due_from, PlanStep.due_to, PlanStep.state)
        .where(PlanStep.customer_id.in_(list(ids)))
        .order_by(PlanStep.id)
    )
    return [dict(row) for row in db.session.execute(chosen).mappings()]


def _plans(scope: Scope) -> Select[Any]:
    seen: list[ColumnElement[bool]] = []
    if scope.stores is not None:
        seen.append(Plan.store_id.in_(sorted(scope.stores)) if scope.stores else false())
    chosen: Any = (
        select(
            Plan.id,
            Plan.customer_id,
            Plan.trigger,
            Plan.sale_id,
            Plan.vehicle_id,
            Plan.store_id,
            Store.name.label("store"),
            Store.zone,
            Plan.day,
            Plan.km,
            Plan.state,
            Plan.reason,
            Plan.made_at,
        )
        .join(Store, Store.id == Plan.store_id)
        .where(*seen)
    )
    plans: Select[Any] = chosen
    return plans


def _views(chosen: Select[Any]) -> list[PlanView]:
    rows = db.session.execute(chosen).all()
    people = customers_by_ids({row.customer_id for row in rows})
    cars = vehicles_by_ids({row.vehicle_id for row in rows if row.vehicle_id is not None})
    steps = steps_of({row.id for row in rows})
    return [_view(row, people[row.customer_id], cars.get(row.vehicle_id), steps.get(row.id, [])) for row in rows]


def _view(
    row: Sequence[Any], customer: CustomerView, vehicle: VehicleView | None, steps: Sequence[StepView]
) -> PlanView:
    values: list[Any] = [*row, customer, vehicle, tuple(steps)]
    return PlanView(*values)
