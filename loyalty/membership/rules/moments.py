"""When facts of the past may have happened."""

from datetime import datetime

from loyalty.kernel.errors import Malformed


def check_past(moment: datetime | None, *, now: datetime, place: str = "occurred_at") -> None:
    """Refuse as malformed (at `place`) a moment that is still to come; None means now."""
    if moment is not None and moment > now:
        raise Malformed({place: ["This moment is still to come. Leave it out for what happens now."]})
