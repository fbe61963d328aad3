"""What levels hold about a person, for the copy that the person may have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import db

_STANDINGS = text("""
    SELECT level_code AS level, since_day, joined_day, valid_to, floor_code AS floor, floor_until FROM tier_standings
    WHERE customer_id = :own
""")
_CHANGES = text("""
    SELECT from_day AS day, from_code AS level_before, to_code AS level, reason FROM level_changes
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY booked_at, id
""")
_EVALUATIONS = text("""
    SELECT day, outcome, from_code AS level_before, to_code AS level, figures FROM tier_evaluations
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY booked_at, id
""")
_DAYS = text("""
    SELECT day, kind, net_minor, currency, paid_orders FROM tier_days
    WHERE customer_id = :own AND paid_orders > 0 ORDER BY day, kind
""")
_FLOORS = text("""
    SELECT set_at AS at, level_code AS level, until_day, reason FROM tier_floors
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


def own_standing(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the level, since when and until when."""
    return _rows(_STANDINGS, {"own": ids[0]})


def own_changes(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the history of levels."""
    return _rows(_CHANGES, {"ids": list(ids)})


def own_evaluations(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every decision about the level with the figures it was made by."""
    return _rows(_EVALUATIONS, {"ids": list(ids)})


def own_days(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what counts for the level, by day."""
    return _rows(_DAYS, {"own": ids[0]})


def own_floors(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the levels set by hand, and why."""
    return _rows(_FLOORS, {"ids": list(ids)})


def _rows(statement: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(statement, values).mappings()]
