"""What staff announce, always in batches of one type and inside the transaction of the fact."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """An account was closed, or lost one of its roles: what waits for this person may have to wait for another."""

    account_id: int
