"""What puts points into an account: awards, activation, points given back, openings; and debts settled by them."""

from dataclasses import replace
from datetime import datetime

from loyalty.points.rules.book import AVAILABLE, DEBT, EXPIRED, ISSUED, PENDING, REDEEMED, About, Book, Cuts, Lot
from loyalty.points.rules.papers import Award, Paper


def earn(book: Book, award: Award, paper: Paper, *, now: datetime, kind: str = "earn") -> None:
    """Enter an award: pending until its day, else available, and then debts are settled from it first."""
    if award.rolls and award.expires_at is not None:
        roll(book, award.expires_at, now=now)
    lot = book.bear(award.points, paper, available_from=award.available_from, expires_at=award.expires_at)
    lot = replace(lot, unit_cost_micro=award.unit_cost_micro)
    if award.available_from is not None and award.available_from > now:
        book.enter(kind, (ISSUED, PENDING), award.points, paper, born=[replace(lot, state="pending")])
        return
    book.enter(kind, (ISSUED, AVAILABLE), award.points, paper, born=[lot])
    settle(book, paper, now=now)


def settle(book: Book, paper: Paper, *, now: datetime) -> None:
    """Pay what is owed from the lots that can be used now, in use order."""
    if book.debt > 0:
        cuts = book.pick(book.debt, now)
        book.enter("settle_debt", (AVAILABLE, DEBT), sum(points for _, points in cuts), paper, cuts=cuts)


def ripen(book: Book, *, now: datetime) -> None:
    """Activate the pending lots whose day has come, and settle debts from them."""
    for lot in sorted((lot for lot in book.lots.values() if lot.ripe(now)), key=lambda lot: (lot.earned_at, lot.id)):
        paper = activation_paper(lot, now=now)
        book.enter("activate", (PENDING, AVAILABLE), lot.remaining, paper, cuts=[(lot.id, lot.remaining)])
        settle(book, paper, now=now)


def expire_again(book: Book, paper: Paper, cuts: Cuts, *, now: datetime) -> None:
    """End at once what was given back to lots whose end has passed meanwhile."""
    lapsed = [(lot_id, points) for lot_id, points in cuts if book.lots[lot_id].lapsed(now)]
    book.enter("expire", (AVAILABLE, EXPIRED), sum(points for _, points in lapsed), paper, cuts=lapsed)


def give_back(
    book: Book, paper: Paper, taken: Cuts, *, about: About, now: datetime, reinstated_until: datetime | None
) -> None:
    """Return redeemed points to the lots they came from, with their first end.

    What lapsed meanwhile lapses again at once, or lives on in a new lot that ends at `reinstated_until`.
    """
    lapsed = [(lot_id, points) for lot_id, points in taken if book.lots[lot_id].lapsed(now)]
    kept = [cut for cut in taken if reinstated_until is None or cut not in lapsed]
    born = []
    if reinstated_until is not None and lapsed:
        again = sum(points for _, points in lapsed)
        born.append(book.bear(again, paper, available_from=None, expires_at=reinstated_until))
    total = sum(points for _, points in taken)
    book.enter("return", (REDEEMED, AVAILABLE), total, paper, cuts=kept, born=born, about=about)
    expire_again(book, paper, kept, now=now)
    settle(book, paper, now=now)


def roll(book: Book, until: datetime, *, now: datetime) -> None:
    """Move the end of every usable lot to `until` where that is later; activity keeps points alive."""
    for lot in book.usable_lots(now):
        if lot.expires_at is not None and lot.expires_at < until:
            book.lots[lot.id] = replace(lot, expires_at=until)


def activation_paper(lot: Lot, *, now: datetime) -> Paper:
    """Return the paper of an activation: it names the lot and its source, and the day on which it was due."""
    source = lot.source
    return Paper(
        key=f"activate:lot:{lot.id}",
        content="",
        source_kind=source.kind,
        source_id=source.id,
        source_number=source.number,
        store_id=source.store_id,
        occurred_at=lot.available_from or now,
        business_day=None,
        policy_version_id=source.policy_version_id,
        reason="",
    )
