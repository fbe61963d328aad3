"""What may happen to follow-up plans."""

from loyalty.visits.service.ending import end_of_customers, stop_by_hand, stop_of_vehicle, void_of
from loyalty.visits.service.following import (
    carry_plans,
    forget_vehicles,
    resume_asked,
    settle_messages,
    settle_steps,
    stop_asked,
)
from loyalty.visits.service.inspecting import coming_inspection, note_inspection, plan_inspections
from loyalty.visits.service.noting import note_facts
from loyalty.visits.service.opening import count_due, open_due
from loyalty.visits.service.planning import plan_facts
from loyalty.visits.service.replanning import replan_days, replan_vehicles
from loyalty.visits.service.writing import ensure_texts

__all__ = [
    "carry_plans",
    "coming_inspection",
    "count_due",
    "end_of_customers",
    "ensure_texts",
    "forget_vehicles",
    "note_facts",
    "note_inspection",
    "open_due",
    "plan_facts",
    "plan_inspections",
    "replan_days",
    "replan_vehicles",
    "resume_asked",
    "settle_messages",
    "settle_steps",
    "stop_asked",
    "stop_by_hand",
    "stop_of_vehicle",
    "void_of",
]
