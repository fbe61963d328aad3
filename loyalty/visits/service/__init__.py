"""What may happen to follow-up plans."""

from loyalty.visits.service.ending import end_of_customers, stop_by_hand, stop_of_vehicle, void_sales
from loyalty.visits.service.following import carry_plans, forget_vehicles, resume_asked, settle_steps, stop_asked
from loyalty.visits.service.noting import note_facts
from loyalty.visits.service.opening import count_due, open_due
from loyalty.visits.service.planning import plan_facts, replan_vehicle

__all__ = [
    "carry_plans",
    "count_due",
    "end_of_customers",
    "forget_vehicles",
    "note_facts",
    "open_due",
    "plan_facts",
    "replan_vehicle",
    "resume_asked",
    "settle_steps",
    "stop_asked",
    "stop_by_hand",
    "stop_of_vehicle",
    "void_sales",
]
