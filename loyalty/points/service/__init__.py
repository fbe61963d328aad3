"""What can be done with points; every function is one transaction, or part of the caller's."""

from loyalty.points.service.accounts import open_accounts, set_earning_class
from loyalty.points.service.awards import award, migrate, take_back

__all__ = ["award", "migrate", "open_accounts", "set_earning_class", "take_back"]
