"""Ways to core databases."""

from loyalty.links.adapters.databases import SqlDatabases

__all__ = ["SqlDatabases"]
