"""When a person may be called: hours of practice, since no statute sets any."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from loyalty.kernel.clock import zone_of


@dataclass(frozen=True, slots=True)
class CallHours:
    """The spans of a day in which calls are made, in order, each up to but not including its end."""

    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(14), time(20)))


def quiet_until(moment: datetime, zone: str, hours: CallHours) -> datetime | None:
    """Return when calls are made again, or None when they are made at that moment."""
    local = moment.astimezone(zone_of(zone))
    for begin, end in hours.spans:
        if local.time() < begin:
            return datetime.combine(local.date(), begin, local.tzinfo)
        if local.time() < end:
            return None
    return datetime.combine(local.date() + timedelta(days=1), hours.spans[0][0], local.tzinfo)
