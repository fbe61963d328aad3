"""Pages of links: how each fares, what it rejected, making one, and looking after it."""

from loyalty.links.pages import looking_after, making, overview  # noqa: F401 - they add their routes
from loyalty.links.pages.blueprint import blueprint

__all__ = ["blueprint"]
