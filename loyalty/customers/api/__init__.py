"""Customers and vehicles for programs."""

from loyalty.customers.api import households, merges, rights
from loyalty.customers.api.people import operations as customers
from loyalty.customers.api.vehicles import operations as vehicles

__all__ = ["customers", "households", "merges", "rights", "vehicles"]
