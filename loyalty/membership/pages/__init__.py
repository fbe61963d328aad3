"""Members for staff: /staff/members."""

from loyalty.membership.pages import cards, enrolment, levels, lists, uses
from loyalty.membership.pages.blueprint import blueprint
from loyalty.membership.pages.panels import customer_panels, timeline_panels

__all__ = ["blueprint", "cards", "customer_panels", "enrolment", "levels", "lists", "timeline_panels", "uses"]
