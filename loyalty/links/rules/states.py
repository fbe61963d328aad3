"""How a link fares, in one word."""

from datetime import datetime, timedelta
from typing import Literal

LinkState = Literal["active", "paused", "unmapped", "problem", "unreachable"]


def state_of(*, paused: bool, mapped: bool, problem: bool, unreachable: bool) -> LinkState:
    """Return the state that matters most."""
    if paused:
        return "paused"
    if not mapped:
        return "unmapped"
    if unreachable:
        return "unreachable"
    return "problem" if problem else "active"


def lag(seen_at: datetime | None, every_seconds: int, now: datetime) -> timedelta | None:
    """Return by how much the last good reading is older than it should be; None when there was none yet."""
    if seen_at is None:
        return None
    return max(timedelta(0), now - seen_at - timedelta(seconds=every_seconds))
