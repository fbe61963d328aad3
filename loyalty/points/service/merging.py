"""Merges of customers in the ledger: all that is left goes over, and back what is left of it then.

Nothing is rewritten: the entries of the gone customer stay under its account, and a transfer that sums to 0 moves what
remains, lot by lot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loyalty.customers.rules import customer_number
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.points import queries
from loyalty.points.rules import Book, Lot, Paper, content_hash
from loyalty.points.rules.gains import settle
from loyalty.points.rules.merging import HeldBeforeClosing, HeldBeforeMerge, end_all, hand_over, hand_over_debt, movable
from loyalty.points.service.booking import open_books, store

UNITS = ("points", "growth")


@dataclass(frozen=True, slots=True)
class Moved:
    """What went over of one unit: usable and not yet usable points, and what was owed."""

    points: int
    debt: int


@dataclass(frozen=True, slots=True)
class _Move:
    """One move of one merge: by which key, why, and when."""

    key: str
    reason: str
    now: datetime

    def papers(self, days: Mapping[int, date]) -> "_Papers":
        return _Papers(self, days)


@dataclass(frozen=True, slots=True)
class _Papers:
    """Makes the papers of a move; growth counts on the day on which it was earned (`days` by lot), wherever it is."""

    move: _Move
    days: Mapping[int, date]

    def of(self, lot: Lot) -> Paper:
        source = lot.source
        return Paper(
            key=self.move.key,
            content=content_hash("merge", self.move.key),
            source_kind=source.kind,
            source_id=source.id,
            source_number=source.number,
            store_id=source.store_id,
            occurred_at=self.move.now,
            business_day=self.days.get(lot.id),
            policy_version_id=source.policy_version_id,
            reason=self.move.reason,
        )

    def of_debt(self) -> Paper:
        content = content_hash("merge", self.move.key)
        return Paper(self.move.key, content, "merge", None, "", None, self.move.now, None, None, self.move.reason)


def merge_accounts(merge_id: int, *, kept: int, gone: int, now: datetime, by: Actor) -> dict[str, Moved]:
    """Move what `gone` has and owes to `kept`; return it by unit, nothing for no members.

    Refused while points of `gone` are reserved (HeldBeforeMerge).
    """
    with transaction():
        if gone not in queries.accounts_of([gone]):
            return {}
        move = _Move(f"merge:{merge_id}", customer_number(gone), now)
        asked = [(customer_id, unit, move.key) for customer_id in (kept, gone) for unit in UNITS]
        books = open_books(asked)
        moved = {}
        for unit in UNITS:
            giver, taker = books[gone, unit].book, books[kept, unit].book
            if giver.held:
                raise HeldBeforeMerge(points=giver.held, number=customer_number(gone))
            moved[unit] = _carry(giver, taker, movable(giver, now), giver.debt, move)
        store(books.values(), now=now, by=by)
        return moved


def part_accounts(
    merge_id: int,
    *,
    kept: int,
    gone: int,
    sale_ids: Sequence[int],
    debts: Mapping[str, int],
    now: datetime,
    by: Actor,
) -> dict[str, Moved]:
    """Give back to `gone` what is left of what came over, what its sales (`sale_ids`) earned since, and open debts."""
    with transaction():
        if gone not in queries.accounts_of([gone]):
            return {}
        move = _Move(f"part:{merge_id}", customer_number(kept), now)
        asked = [(customer_id, unit, move.key) for customer_id in (kept, gone) for unit in UNITS]
        books = open_books(asked)
        came = queries.lots_of_merge(kept, f"merge:{merge_id}", sale_ids)
        moved = {}
        for unit in UNITS:
            giver, taker = books[kept, unit].book, books[gone, unit].book
            lots = [lot for lot in movable(giver, now) if lot.id in came]
            moved[unit] = _carry(giver, taker, lots, min(giver.debt, debts.get(unit, 0)), move)
        store(books.values(), now=now, by=by)
        return moved


def _carry(giver: Book, taker: Book, lots: Sequence[Lot], debt: int, move: _Move) -> Moved:
    days = queries.days_of_lots(giver.customer_id, [lot.id for lot in lots]) if giver.unit == "growth" else {}
    papers = move.papers(days)
    points = hand_over(giver, taker, lots, papers.of)
    if debt:
        hand_over_debt(giver, taker, debt, papers.of_debt(), now=move.now)
    settle(taker, papers.of_debt(), now=move.now)
    return Moved(points, debt)


def end_account(customer_id: int, *, day: date, now: datetime, by: Actor) -> int:
    """End all points of an account that is closed; return how many that is. Refused while some are reserved.

    Growth stays as it is: it cannot be used. What is owed stays owed.
    """
    with transaction():
        if customer_id not in queries.accounts_of([customer_id]):
            return 0
        key = f"close:{now.isoformat()}"
        books = open_books([(customer_id, "points", key)])
        book = books[customer_id, "points"].book
        if book.held:
            raise HeldBeforeClosing(points=book.held)
        paper = Paper(key, content_hash("close", key), "close", None, "", None, now, day, None, "")
        ended = end_all(book, paper, now=now)
        store(books.values(), now=now, by=by)
        return ended
