"""A working copy of one account, in which the rules write entries before anything is stored.

Each entry moves points from one place to another, so that it sums to 0 by its shape. The same book serves the real
call, which then stores the entries, and the dry run, which throws them away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from loyalty.points.rules.papers import Paper

# Places of an account, and places of the programme (a store's, summed when asked).
AVAILABLE, PENDING, HELD, DEBT = "available", "pending", "held", "debt"
ISSUED, REDEEMED, EXPIRED, REVOKED = "issued", "redeemed", "expired", "revoked"
WRITTEN_OFF, TRANSFERRED = "written_off", "transfer"
PLACES = (AVAILABLE, PENDING, HELD, DEBT, ISSUED, REDEEMED, EXPIRED, REVOKED, WRITTEN_OFF, TRANSFERRED)
IN_LOTS = frozenset({AVAILABLE, PENDING})
BY_LOT = frozenset({AVAILABLE, PENDING, HELD})

KINDS = (
    "earn", "activate", "cancel_pending", "hold", "capture", "release", "redeem", "return", "revoke", "expire",
    "debt", "settle_debt", "write_off", "adjust", "transfer_out", "transfer_in", "migrate",
)  # fmt: skip

_NO_END = datetime.max.replace(tzinfo=UTC)
Cuts = Sequence[tuple[int, int]]  # (lot id, points), in the order in which they are taken or given back


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a lot was earned for."""

    kind: str
    id: int | None
    number: str
    store_id: int | None
    policy_version_id: int | None


@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one award; ids below 0 belong to lots that are not stored yet. `expires_at` is exclusive."""

    id: int
    points: int
    remaining: int
    state: str
    earned_at: datetime
    available_from: datetime | None
    expires_at: datetime | None
    source: Source
    unit_cost_micro: int | None = None

    def lapsed(self, now: datetime) -> bool:
        """Return whether the lot's end is reached."""
        return self.expires_at is not None and self.expires_at <= now

    def ripe(self, now: datetime) -> bool:
        """Return whether a pending lot's day has come."""
        return self.state == "pending" and (self.available_from is None or self.available_from <= now)

    def usable(self, now: datetime) -> bool:
        """Return whether points of the lot can be used now; the end counts even before the nightly job saw it."""
        return self.state == "open" and self.remaining > 0 and not self.lapsed(now)


def use_order(lot: Lot) -> tuple[datetime, datetime, bool, int]:
    """Sort by nearest end, then oldest, then id; no end comes last, lots not stored yet after stored ones."""
    return (lot.expires_at or _NO_END, lot.earned_at, lot.id < 0, abs(lot.id))


class About(NamedTuple):
    """The stored transaction that an entry continues, and whether it undoes that one as a whole."""

    id: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction: `points` go from `debit` to `credit`.

    `cuts` say which stored or new lots the account's places lose or gain by it, `born` which lots it creates.
    """

    kind: str
    debit: str
    credit: str
    points: int
    paper: Paper
    part: int
    cuts: tuple[tuple[int, int], ...] = ()
    born: tuple[Lot, ...] = ()
    about: About | None = None


@dataclass(slots=True)
class Book:
    """An account and its lots as the entries so far leave them."""

    customer_id: int
    account_id: int
    unit: str
    available: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    lots: dict[int, Lot] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)  # how many transactions each key has so far
    births: int = 0  # lots made here so far; each gets an id below 0

    def usable_lots(self, now: datetime) -> list[Lot]:
        """Return the lots that can be used now, in use order."""
        return sorted((lot for lot in self.lots.values() if lot.usable(now)), key=use_order)

    def usable(self, now: datetime) -> int:
        """Return how many points can be used now."""
        return sum(lot.remaining for lot in self.lots.values() if lot.usable(now))

    def pick(self, points: int, now: datetime, lots: Iterable[Lot] | None = None) -> list[tuple[int, int]]:
        """Return which lots give up to `points`, in use order; fewer where there is less."""
        cuts = []
        for lot in self.usable_lots(now) if lots is None else lots:
            share = min(lot.remaining, points)
            if share > 0:
                cuts.append((lot.id, share))
                points -= share
        return cuts

    def bear(self, points: int, paper: Paper, *, available_from: datetime | None, expires_at: datetime | None) -> Lot:
        """Return a new open lot of this paper for an entry about to be made."""
        self.births += 1
        source = Source(
            paper.source_kind, paper.source_id, paper.source_number, paper.store_id, paper.policy_version_id
        )
        return Lot(-self.births, points, points, "open", paper.occurred_at, available_from, expires_at, source)

    def bear_like(self, lot: Lot, points: int) -> Lot:
        """Return a new open lot of `points` with source, age, end and cost of another lot."""
        self.births += 1
        return replace(lot, id=-self.births, points=points, remaining=points, state="open")

    def enter(
        self,
        kind: str,
        places: tuple[str, str],
        points: int,
        paper: Paper,
        *,
        cuts: Cuts = (),
        born: Sequence[Lot] = (),
        about: About | None = None,
    ) -> None:
        """Write an entry of `points` from the first of `places` to the second; 0 points write nothing."""
        if points == 0:
            return
        debit, credit = places
        part = self.parts[paper.key] = self.parts.get(paper.key, 0) + 1
        self.entries.append(Entry(kind, debit, credit, points, paper, part, tuple(cuts), tuple(born), about))
        for lot_id, share in cuts:
            self._cut(self.lots[lot_id], kind, (share if credit in IN_LOTS else 0) - (share if debit in IN_LOTS else 0))
        self.lots.update({lot.id: lot for lot in born})
        self._shift(debit, -points)
        self._shift(credit, points)

    def _cut(self, lot: Lot, kind: str, change: int) -> None:
        if change == 0 and kind != "activate":
            return  # a capture moves what the lot gave up before
        remaining = lot.remaining + change
        if kind == "activate":
            state = "open"
        elif remaining > 0:
            state = "pending" if lot.state == "pending" else "open"
        else:
            state = {"expire": "expired", "revoke": "revoked", "cancel_pending": "revoked"}.get(kind, "exhausted")
        self.lots[lot.id] = replace(lot, remaining=remaining, state=state)

    def _shift(self, place: str, points: int) -> None:
        if place == AVAILABLE:
            self.available += points
        elif place == PENDING:
            self.pending += points
        elif place == HELD:
            self.held += points
        elif place == DEBT:
            self.debt -= points  # what is owed stands on the account as a negative posting
