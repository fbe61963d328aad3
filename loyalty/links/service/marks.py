"""What a link has told of each sale: locked while it is worked on, so that an older event never undoes a newer one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from loyalty.kernel.db import batch, db

# Rows are made and locked in the order of their numbers, so that two events with the same sales wait for each other.
_MAKE = text("""
    INSERT INTO link_sales (link_id, number)
    SELECT :link_id, number FROM unnest(CAST(:numbers AS text[])) AS told (number) ORDER BY number
    ON CONFLICT DO NOTHING
""")
_LOCK = text("""
    SELECT number, day, changed_at, cancelled_at FROM link_sales
    WHERE link_id = :link_id AND number = ANY(CAST(:numbers AS text[])) ORDER BY number FOR UPDATE
""")
_KEEP = text("""
    UPDATE link_sales AS mark SET day = coalesce(told.day, mark.day), missing_since = NULL,
        changed_at = greatest(told.changed_at, mark.changed_at), cancelled_at = told.cancelled_at
    FROM json_to_recordset(CAST(:rows AS json)) AS told (
        number text, day date, changed_at timestamptz, cancelled_at timestamptz
    )
    WHERE mark.link_id = :link_id AND mark.number = told.number
""")
_MISSING = text("""
    UPDATE link_sales SET missing_since = CASE WHEN number = ANY(CAST(:gone AS text[])) THEN :now END
    WHERE link_id = :link_id AND number = ANY(CAST(:numbers AS text[]))
        AND (missing_since IS NOT NULL OR number = ANY(CAST(:gone AS text[])))
""")


@dataclass(slots=True)
class SaleMark:
    """What is known of one sale over this link; the moments are None where nothing was told."""

    number: str
    day: date | None = None
    changed_at: datetime | None = None
    cancelled_at: datetime | None = None


def lock_marks(link_id: int, numbers: Collection[str]) -> dict[str, SaleMark]:
    """Return by number what the link has told of these sales, locked until the transaction ends."""
    if not numbers:
        return {}
    values = {"link_id": link_id, "numbers": sorted(set(numbers))}
    db.session.execute(_MAKE, values)
    return {row.number: SaleMark(*row) for row in db.session.execute(_LOCK, values)}


def keep_marks(link_id: int, marks: Sequence[SaleMark]) -> None:
    """Write what the link has told now."""
    rows: list[dict[str, Any]] = [
        {
            "number": mark.number,
            "day": mark.day,
            "changed_at": mark.changed_at,
            "cancelled_at": mark.cancelled_at,
        }
        for mark in marks
    ]
    if rows:
        db.session.execute(_KEEP, {"link_id": link_id, "rows": batch(rows)})


def mark_missing(link_id: int, numbers: Sequence[str], gone: Collection[str], now: datetime) -> None:
    """Note which of these numbers a comparison has not found, and that the others are there."""
    values = {"link_id": link_id, "numbers": list(numbers), "gone": sorted(gone), "now": now}
    db.session.execute(_MISSING, values)
