"""The pages of staff about tasks."""

from loyalty.tasks.pages import acts, arranging, calendar, today
from loyalty.tasks.pages.blueprint import blueprint
from loyalty.tasks.pages.panels import customer_panels

__all__ = ["acts", "arranging", "blueprint", "calendar", "customer_panels", "today"]
