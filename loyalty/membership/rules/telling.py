"""What members are told by message: of points that end soon, and of a level that they reached."""

from collections.abc import Sequence
from datetime import date, timedelta

LAPSE_TEXT, LAPSE_KNOWS = "points-lapse-soon", frozenset({"customer", "points", "day", "store", "phone"})
RISE_TEXT, RISE_KNOWS = "tier-up", frozenset({"customer", "tier", "store", "phone"})
"""The templates, and the values that their texts may ask for."""

TOLD_AT = 10
"""The hour of the member's store at which points that end soon are told of."""

RISE_IS_NEWS = timedelta(days=7)
"""So long after its day a level is told of. An older one is history, brought in by a file or a late correction."""


def lead_due(last_day: date, today: date, leads: Sequence[int]) -> int | None:
    """Return the lead, in days, under which points that can be used through `last_day` are told of today, or None.

    Late is not never: what should have been told on an earlier day is told today, by the shortest lead alone.
    """
    left = (last_day - today).days
    return min((lead for lead in leads if 0 <= left <= lead), default=None)


def is_news(since: date, today: date) -> bool:
    """Return whether a level reached on the day `since` is still told of."""
    return since >= today - RISE_IS_NEWS
