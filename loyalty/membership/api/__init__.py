"""Members and their points for programs: /api/v1/members."""

from loyalty.membership.api import holds, levels, members, points, states, uses
from loyalty.membership.api.blueprint import operations

__all__ = ["holds", "levels", "members", "operations", "points", "states", "uses"]
