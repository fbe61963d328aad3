"""Members for staff: /staff/members."""

from loyalty.membership.pages import cards, enrolment, levels, lists, uses
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.pages.panels import customer_panels, queue_panels, task_panels, timeline_panels

__all__ = [
    "blueprint",
    "cards",
    "customer_panels",
    "enrolment",
    "levels",
    "lists",
    "queue_panels",
    "task_panels",
    "timeline_panels",
    "uses",
]
