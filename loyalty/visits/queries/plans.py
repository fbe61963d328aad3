"""Plans with their steps, and what the planner needs to know of vehicles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from loyalty.customers.queries import CustomerView, VehicleView, customers_by_ids, vehicles_by_ids
from loyalty.customers.queries.arrays import any_id
from loyalty.kernel.actor import Scope
from loyalty.kernel.clock import midnight
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.messaging.models import Message
from loyalty.programme.queries import VersionView, in_force, version, versions
from loyalty.staff.models import Store
from loyalty.visits.models import Plan, PlanStep
from loyalty.visits.rules import (
    COMPLAINT,
    USUAL_BODY,
    PlanNotFound,
    PlanState,
    StepState,
    Template,
    parse_template,
)

KIND = "follow-up"
ABOUT = "plan_step"
"""What tasks and messages of plans hang on, with the number of the step."""
_USUAL = parse_template(USUAL_BODY)


@dataclass(frozen=True, slots=True)
class Sent:
    """The message that a step became last: its number, channel and state, and the rule that holds or denies it."""

    id: int
    channel: str
    state: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a plan; `message` is None for a call, and while it is only planned."""

    id: int
    plan_id: int
    code: str
    names: dict[str, Any]
    due_from: date
    due_to: date
    why: list[dict[str, Any]]
    state: str
    task_kind: str
    channel: str
    template: str | None
    message: Sent | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its customer and vehicle, its next step, and how many are done."""

    id: int
    customer_id: int
    trigger: str
    sale_id: int | None
    vehicle_id: int | None
    store_id: int
    store: str
    store_code: str
    zone: str
    day: date
    km: int | None
    basis: dict[str, Any]
    state: str
    reason: str | None
    made_at: datetime
    customer: CustomerView
    vehicle: VehicleView | None
    steps: tuple[StepView, ...]

    @property
    def opens(self) -> date | None:
        """The first day on which an inspection can be done; None for other plans."""
        return date.fromisoformat(self.basis["opens"]) if "opens" in self.basis else None

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


def plan_version(version_id: int | None) -> VersionView | None:
    """Return a version of follow-up plans in any state; None for one of other rules, and for none."""
    if version_id is None:
        return None
    found = version(version_id)
    return found if found.kind == KIND else None


def plan_versions() -> list[VersionView]:
    """Return the versions of follow-up plans that are written, in review or in force, the latest first."""
    return [one for one in versions(kind=KIND) if one.state != "retired"]


def template_of(found: VersionView) -> Template:
    """Return the template that a version of follow-up plans says."""
    return parse_template(found.body)


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
            PlanStep.task_kind,
            PlanStep.channel,
            PlanStep.template,
        )
        .where(
            PlanStep.plan_id == any_id(plan_ids),
            PlanStep.customer_id.in_(select(Plan.customer_id).where(Plan.id == any_id(plan_ids))),
        )
        .order_by(PlanStep.due_from, PlanStep.id)
    )
    steps = [StepView(*row) for row in db.session.execute(chosen)]
    sent = _sent([step.id for step in steps if step.template is not None])
    found: dict[int, list[StepView]] = {}
    for step in steps:
        found.setdefault(step.plan_id, []).append(replace(step, message=sent.get(step.id)))
    return found


def _sent(step_ids: Sequence[int]) -> dict[int, Sent]:
    """Return the last message of each step that became one."""
    if not step_ids:
        return {}
    chosen: Any = (
        select(Message.about_id, Message.id, Message.channel, Message.state, Message.rule)
        .where(Message.about_kind == ABOUT, Message.about_id == any_id(step_ids))
        .order_by(Message.id)
    )
    return {row.about_id: Sent(row.id, row.channel, row.state, row.rule) for row in db.session.execute(chosen)}


def plans_about(trigger: str, ids: Collection[int]) -> list[int]:
    """Return the plans that a trigger of these sales, or complaints, led to and that are not void."""
    about = Plan.complaint_id if trigger == COMPLAINT else Plan.sale_id
    mine = (Plan.trigger == trigger, about == any_id(ids), Plan.state != PlanState.VOID)
    return list(db.session.scalars(select(Plan.id).where(*mine)))


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
            Store.code.label("store_code"),
            Store.zone,
            Plan.day,
            Plan.km,
            Plan.basis,
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
