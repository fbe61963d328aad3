"""The staff pages of sales and imports."""

from loyalty.sales.pages import handing_in, runs, shown
from loyalty.sales.pages.blueprint import blueprint
from loyalty.sales.pages.panels import car_panels, customer_panels, task_panels, vehicle_panels

__all__ = ["blueprint", "car_panels", "customer_panels", "handing_in", "runs", "shown", "task_panels", "vehicle_panels"]
