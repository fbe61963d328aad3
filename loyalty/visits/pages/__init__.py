"""The pages of follow-up, and what it adds to those of customers and vehicles."""

from loyalty.visits.pages.panels import customer_panels, vehicle_panels
from loyalty.visits.pages.plans import blueprint

__all__ = ["blueprint", "customer_panels", "vehicle_panels"]
