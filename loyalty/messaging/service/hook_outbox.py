"""Deliveries of webhooks on their way: the steps of messages, without a gate."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from loyalty.kernel.db import transaction
from loyalty.messaging import queries
from loyalty.messaging.ports import HookCall
from loyalty.messaging.rules.hooks import after_call
from loyalty.messaging.rules.states import Next
from loyalty.messaging.service.parcels import Parcel
from loyalty.messaging.service.steps import Steps

DELIVERIES = Steps(
    "hook_deliveries",
    "hook_attempts",
    owner="hook_id",
    row="delivery_id",
    told="hook_id, id, state",
    cleared="problem = NULL",
)


def claim(channel: str, token: UUID, *, most: int) -> list[tuple[int, int]]:
    """Take due deliveries of one hook; return (hook, delivery) ids."""
    with transaction():
        return [] if queries.hook(int(channel)).paused else DELIVERIES.claim(channel, token, most=most)


def hand_over(channel: str, token: UUID, keys: Sequence[tuple[int, int]], *, dedupes: bool) -> list[Parcel]:
    """Write an attempt for each delivery that is still ours; what comes back is to be called once, now."""
    with transaction():
        view = queries.hook(int(channel))
        rows = [{"owner_id": hook_id, "id": at, "shown": view.host} for hook_id, at in keys]
        handed = DELIVERIES.hand_over(token, rows, dedupes=dedupes)
        bodies = queries.delivery_bodies(view.id, [one.id for one in handed])
    return [Parcel(one, view.id, HookCall(str(bodies[one.id].event_id), bodies[one.id].body)) for one in handed]


def finish(token: UUID, rows: Sequence[Mapping[str, Any]], recipients: Mapping[int, int]) -> int:
    """Write what came of calls; return how many deliveries were ours still."""
    del recipients
    with transaction():
        return len(DELIVERIES.finish(token, rows))


def following(outcome: str, *, attempts: int, dedupes: bool) -> Next:
    """Return what becomes of a delivery after a call."""
    del dedupes  # receivers know an event by its id
    return after_call(outcome, attempts=attempts)


def sweep(*, most: int = 1_000) -> int:
    """Free deliveries whose lease ran out; return how many."""
    with transaction():
        return len(DELIVERIES.sweep(most=most)) + len(DELIVERIES.settle(most=most))
