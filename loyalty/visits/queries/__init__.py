"""Plans as the planner, pages and other features read them."""

from loyalty.visits.queries.ahead import StepAhead, steps_ahead
from loyalty.visits.queries.days import days_of_stores
from loyalty.visits.queries.due import (
    DueStep,
    Noted,
    due_among,
    due_steps,
    facts_due,
    lock_facts,
    steps_without_text,
)
from loyalty.visits.queries.inspections import (
    Candidate,
    CarView,
    car_of,
    cars_registered,
    free_inspections,
    laws_on,
    planned_inspections,
    window_months,
)
from loyalty.visits.queries.plans import (
    ABOUT,
    PlanView,
    StepView,
    has_plans,
    own_plans,
    own_steps,
    plan,
    plan_version,
    plan_versions,
    plans_about,
    plans_page,
    steps_of,
    template_of,
    template_on,
)
from loyalty.visits.queries.reckoning import (
    ComingDay,
    PlanBasis,
    active_of_vehicles,
    coming_days,
    plans_due_on,
    plans_of_vehicles,
    readings_of,
)
from loyalty.visits.queries.samples import sample_of
from loyalty.visits.queries.texts import check_texts, offered_texts, usable_texts

READ = "tasks.read"
WORK = "tasks.work"

__all__ = [
    "ABOUT",
    "READ",
    "WORK",
    "Candidate",
    "CarView",
    "ComingDay",
    "DueStep",
    "Noted",
    "PlanBasis",
    "PlanView",
    "StepAhead",
    "StepView",
    "active_of_vehicles",
    "car_of",
    "cars_registered",
    "check_texts",
    "coming_days",
    "days_of_stores",
    "due_among",
    "due_steps",
    "facts_due",
    "free_inspections",
    "has_plans",
    "laws_on",
    "lock_facts",
    "offered_texts",
    "own_plans",
    "own_steps",
    "plan",
    "plan_version",
    "plan_versions",
    "planned_inspections",
    "plans_about",
    "plans_due_on",
    "plans_of_vehicles",
    "plans_page",
    "readings_of",
    "sample_of",
    "steps_ahead",
    "steps_of",
    "steps_without_text",
    "template_of",
    "template_on",
    "usable_texts",
    "window_months",
]
