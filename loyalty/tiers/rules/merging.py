"""Two standings that become one: the higher level is kept, and the older membership counts."""

from dataclasses import replace

from loyalty.tiers.rules.judging import Standing
from loyalty.tiers.rules.scheme import Scheme


def merged_standing(scheme: Scheme | None, kept: Standing, gone: Standing) -> Standing:
    """Return what the kept member has: the higher level with its days, the earlier joining, the higher floor.

    Of one level, the one that is valid for longer counts. Without a scheme the kept member's own level stays.
    """
    best = kept if scheme is None else max(kept, gone, key=lambda one: _height(scheme, one, kept))
    floor = kept if scheme is None else max(kept, gone, key=lambda one: _floor_height(scheme, one))
    deliveries = [day for day in (kept.delivery_day, gone.delivery_day) if day is not None]
    return replace(
        kept,
        level_code=best.level_code,
        since_day=best.since_day,
        valid_to=best.valid_to,
        grace_until=best.grace_until,
        joined_day=min(kept.joined_day, gone.joined_day),
        settled_day=max(kept.settled_day, gone.settled_day),
        floor_code=floor.floor_code,
        floor_until=floor.floor_until,
        delivery_day=max(deliveries, default=None),
    )


def _height(scheme: Scheme, one: Standing, kept: Standing) -> tuple[int, bool, int, bool]:
    rank = scheme.level(one.level_code).rank
    due = one.due_day
    return (rank, due is None, 0 if due is None else due.toordinal(), one is kept)


def _floor_height(scheme: Scheme, one: Standing) -> tuple[int, int]:
    if one.floor_code is None or one.floor_until is None:
        return (-1, 0)
    return (scheme.level(one.floor_code).rank, one.floor_until.toordinal())
