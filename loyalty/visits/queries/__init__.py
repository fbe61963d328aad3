"""Plans as the planner, pages and other features read them."""

from loyalty.visits.queries.ahead import StepAhead, steps_ahead
from loyalty.visits.queries.due import DueStep, Noted, due_steps, facts_due, lock_facts
from loyalty.visits.queries.plans import (
    PlanView,
    StepView,
    active_of_vehicles,
    has_plans,
    own_plans,
    own_steps,
    plan,
    plans_of_sales,
    plans_page,
    readings_of,
    steps_of,
    template_on,
)

READ = "tasks.read"
WORK = "tasks.work"

__all__ = [
    "READ",
    "WORK",
    "DueStep",
    "Noted",
    "PlanView",
    "StepAhead",
    "StepView",
    "active_of_vehicles",
    "due_steps",
    "facts_due",
    "has_plans",
    "lock_facts",
    "own_plans",
    "own_steps",
    "plan",
    "plans_of_sales",
    "plans_page",
    "readings_of",
    "steps_ahead",
    "steps_of",
    "template_on",
]
