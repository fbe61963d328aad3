"""When sign-in locks.

Every fifth failure in a row locks the user name: first for 5 minutes, then for 15, then for an hour each time. The
count belongs to the name that was typed and not to an account, so that a name that nobody has locks in the same way.
"""

from datetime import timedelta

FAILURES_IN_A_ROW = 5
FORGOTTEN_AFTER = timedelta(hours=24)

_LOCKS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


def lock_after(failures: int) -> timedelta | None:
    """Return how long the name is locked by its failure number `failures`, or None when it is not."""
    turn, rest = divmod(failures, FAILURES_IN_A_ROW)
    if rest or not turn:
        return None
    return _LOCKS[min(turn, len(_LOCKS)) - 1]
