"""Where a message is on its way, what an answer makes of it, and how long it waits for another attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

CHANNELS = ("sms", "email", "wechat", "inbox")
"""What carries messages to people; their order numbers them for jobs, so it stays."""

IDENTIFIERS: Mapping[str, str | None] = MappingProxyType(
    {"sms": "phone", "email": "email", "wechat": "openid", "inbox": None}
)
"""The kind of identifier that a channel delivers to; the inbox needs none."""

PURPOSES = ("service", "marketing", "greeting")

STATES = ("due", "sending", "sent", "delivered", "failed", "unknown", "denied", "expired", "cancelled")
ENDED = frozenset({"sent", "delivered", "failed", "denied", "expired", "cancelled"})

OUTCOMES = ("accepted", "busy", "refused", "lost", "not_called")
"""What came of a call: taken over; surely not taken over, later maybe; surely not taken over, never; the answer was
lost; the call was not made after all."""

LEASE = timedelta(seconds=60)
CALL_SECONDS = 15.0
"""How long a provider is waited for: well under half the lease."""

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a message after a call: its state, and for one that is due again after which pause."""

    state: str
    pause: timedelta = timedelta(0)


def after_answer(outcome: str, *, attempts: int, dedupes: bool) -> Next:
    """Return what a call's outcome makes of a message that was handed over `attempts` times, this time included.

    A lost answer is never followed by another call on a plain channel; where the provider knows the message's key and
    takes it once (`dedupes`), it is.
    """
    if outcome == "accepted":
        return Next("sent")
    if outcome == "refused":
        return Next("failed")
    if outcome == "not_called":
        return Next("due")
    if outcome == "lost" and not dedupes:
        return Next("unknown")
    if attempts >= MOST_ATTEMPTS:
        return Next("unknown" if outcome == "lost" else "failed")
    return Next("due", pause_after(attempts))


def pause_after(attempts: int) -> timedelta:
    """Return how long a message waits after its `attempts`-th attempt: 30 s, doubled each time, an hour at most."""
    return min(FIRST_PAUSE * (1 << (max(1, attempts) - 1)), LONGEST_PAUSE)


def group_size(before: int, *, seconds: float, most: int) -> int:
    """Return how many messages to hand over together next, when `before` of them took `seconds` to call.

    What was handed over and not answered when a process is killed is unclear, so a group is kept to what the channel
    takes in about `GROUP_SECONDS`; one that answers at once gets up to `most`.
    """
    if seconds > 2 * GROUP_SECONDS:
        return max(1, before // 2)
    return min(most, before * 2) if seconds < GROUP_SECONDS / 2 else min(most, before)


GROUP_SECONDS = 0.02
