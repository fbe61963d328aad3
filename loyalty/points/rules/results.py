"""What the ledger answers."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel.effects import Effect


@dataclass(frozen=True, slots=True)
class Balance:
    """An account at a moment: usable, still pending, reserved, and owed points, and what ends next, when."""

    available: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    next_end_at: datetime | None = None
    next_end_points: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one operation did and how the account stands after it."""

    customer_id: int
    key: str
    points: int
    available: int
    pending: int
    held: int
    debt: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class NightWork:
    """What a nightly step did, or would do: accounts and lots touched, points moved."""

    accounts: int = 0
    lots: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise of the ledger: which check, the sentence, and the row it is about."""

    check: str
    sentence: str
    customer_id: int
    row: dict[str, int | str | None]
