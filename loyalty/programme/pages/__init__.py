"""The staff pages of rules and of the work calendar."""

from loyalty.programme.pages import calendar, comparing, versions, writing

BLUEPRINTS = (versions.blueprint, writing.blueprint, comparing.blueprint, calendar.blueprint)

__all__ = ["BLUEPRINTS"]
