"""When a provider is asked what became of an unclear message, and what its answer makes of it."""

from dataclasses import dataclass
from datetime import timedelta

FATES = ("sent", "delivered", "failed", "not_listed", "silent", "no_address")
"""What came of asking: taken over; arrived; taken over and not delivered; not on the provider's list; no answer that
can be read; nobody knows any more which address it went to."""

FIRST_ASKED = timedelta(minutes=1)
"""How long after it became unclear: a provider's list takes a moment."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 90, 360, 1_440))
LISTED_WITHIN = timedelta(hours=1)
"""Whatever a provider took over stands on its list by then."""
KEPT_FOR = timedelta(days=29)
"""How long providers keep their lists, with a day to spare."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The state that an answer makes of a message, None when it stays unclear; and when to ask again, None: never."""

    state: str | None
    pause: timedelta | None = None


def after_inquiry(fate: str, *, times: int, since: timedelta) -> Settled:
    """Return what the answer to the `times`-th inquiry makes of a message that was handed over `since` ago.

    What is not listed after an hour was never taken over: the message failed, and a person may send it again.
    """
    if fate in ("sent", "delivered", "failed"):
        return Settled(fate)
    if fate == "not_listed" and since >= LISTED_WITHIN:
        return Settled("failed")
    again = fate != "no_address" and times <= len(PAUSES) and since < KEPT_FOR
    return Settled(None, PAUSES[times - 1] if again else None)
