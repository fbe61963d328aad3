"""Points that go over to another customer's account by a merge, lot by lot, and points that end with an account."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from loyalty.kernel.errors import Refused
from loyalty.points.rules.book import AVAILABLE, DEBT, EXPIRED, PENDING, REVOKED, TRANSFERRED, Book, Lot, use_order
from loyalty.points.rules.gains import ripen, settle
from loyalty.points.rules.papers import Paper


class HeldBeforeMerge(Refused):
    """Reserved points wait for a decision that names the account they are in."""

    code = "points.held_before_merge"
    sentence = "{points} points of {number} are reserved for an order. Complete or release the reservation first."


class HeldBeforeClosing(Refused):
    """Reserved points wait for a decision about an order."""

    code = "points.held_before_closing"
    sentence = "{points} points are reserved for an order. Have the order completed or cancelled first."


class OwedBeforeErasure(Refused):
    """A debt names the person who owes it."""

    code = "points.owed_before_erasure"
    sentence = "{number} owes {points} points. Settle or write off the debt before the person is erased."


class HeldBeforeErasure(Refused):
    """Reserved points wait for a decision about an order of the person."""

    code = "points.held_before_erasure"
    sentence = "{points} points of {number} are reserved for an order. Complete or release it before the erasure."


def movable(book: Book, now: datetime) -> list[Lot]:
    """Return the lots that can go over, in use order: what has lapsed ends where it is."""
    lots = [lot for lot in book.lots.values() if lot.remaining > 0 and not lot.lapsed(now)]
    return sorted(lots, key=use_order)


def hand_over(giver: Book, taker: Book, lots: Sequence[Lot], paper_of: Callable[[Lot], Paper]) -> int:
    """Move what remains of `lots` to the other account, pending ones as pending; return how many points that is.

    Each part keeps its source, age, end, cost and store: a refund of its sale finds it there.
    """
    for lot in lots:
        paper = paper_of(lot)
        place = PENDING if lot.state == "pending" else AVAILABLE
        points = lot.remaining
        born = replace(taker.bear_like(lot, points), state=lot.state)
        giver.enter("transfer_out", (place, TRANSFERRED), points, paper, cuts=[(lot.id, points)])
        taker.enter("transfer_in", (TRANSFERRED, place), points, paper, born=[born])
    return sum(lot.remaining for lot in lots)


def hand_over_debt(giver: Book, taker: Book, points: int, paper: Paper, *, now: datetime) -> None:
    """Let the other account owe `points` of what this one owes, and pay it from what it has."""
    taker.enter("transfer_out", (DEBT, TRANSFERRED), points, paper)
    giver.enter("transfer_in", (TRANSFERRED, DEBT), points, paper)
    settle(taker, paper, now=now)


def end_all(book: Book, paper: Paper, *, now: datetime) -> int:
    """End what can be used, and cancel what could be used later; return how many points that is."""
    ripen(book, now=now)
    cuts = [(lot.id, lot.remaining) for lot in book.usable_lots(now)]
    waiting = [(lot.id, lot.remaining) for lot in book.lots.values() if lot.state == "pending"]
    ended, cancelled = (sum(points for _, points in taken) for taken in (cuts, waiting))
    book.enter("expire", (AVAILABLE, EXPIRED), ended, paper, cuts=cuts)
    book.enter("cancel_pending", (PENDING, REVOKED), cancelled, paper, cuts=waiting)
    return ended + cancelled
