"""Stores, accounts and roles for programs."""

from loyalty.staff.api.accounts import operations as accounts
from loyalty.staff.api.accounts import roles
from loyalty.staff.api.stores import operations

__all__ = ["accounts", "operations", "roles"]
