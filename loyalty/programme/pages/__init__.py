"""The staff pages of rules and of the work calendar."""

from loyalty.programme.pages import calendar, versions

BLUEPRINTS = (versions.blueprint, calendar.blueprint)

__all__ = ["BLUEPRINTS"]
