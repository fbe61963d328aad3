"""The staff pages of sign-in, stores, accounts, roles, API clients and the audit trail, and everybody's own."""

from loyalty.staff.pages import accounts, audit, clients, devices, factor, home, roles, settings, stores

BLUEPRINTS = (
    home.blueprint,
    factor.blueprint,
    devices.blueprint,
    settings.blueprint,
    stores.blueprint,
    accounts.blueprint,
    roles.blueprint,
    clients.blueprint,
    audit.blueprint,
)

__all__ = ["BLUEPRINTS"]
