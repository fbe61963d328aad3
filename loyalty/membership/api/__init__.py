"""Members and their points for programs: /api/v1/members."""

from loyalty.membership.api import members, points, uses
from loyalty.membership.api.blueprint import operations

__all__ = ["members", "operations", "points", "uses"]
