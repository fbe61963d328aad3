"""The staff pages of stores, accounts, API clients and the audit trail, and everybody's own."""

from loyalty.staff.pages import accounts, audit, clients, home, stores

BLUEPRINTS = (home.blueprint, stores.blueprint, accounts.blueprint, clients.blueprint, audit.blueprint)

__all__ = ["BLUEPRINTS"]
