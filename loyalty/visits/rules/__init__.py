"""The rules of follow-up: templates, dates, and states."""

from loyalty.visits.rules.dates import MISSED_AFTER, Due, Fact, Reading, km_a_day, plan_dates
from loyalty.visits.rules.form import FOLLOW_UP_FORM
from loyalty.visits.rules.kinds import KINDS
from loyalty.visits.rules.states import PLAN_MOVES, REASON_TEXTS, PlanEnded, PlanNotFound, PlanState, StepState
from loyalty.visits.rules.template import DELIVERY, SERVICE, Step, Template, parse_template
from loyalty.visits.rules.usual import USUAL_BODY

__all__ = [
    "DELIVERY",
    "FOLLOW_UP_FORM",
    "KINDS",
    "MISSED_AFTER",
    "PLAN_MOVES",
    "REASON_TEXTS",
    "SERVICE",
    "USUAL_BODY",
    "Due",
    "Fact",
    "PlanEnded",
    "PlanNotFound",
    "PlanState",
    "Reading",
    "Step",
    "StepState",
    "Template",
    "km_a_day",
    "parse_template",
    "plan_dates",
]
