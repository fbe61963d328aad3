"""Points reserved for a use that is decided later: held, then captured or released."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert, update

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.points import queries
from loyalty.points.models import Hold
from loyalty.points.queries import HeldPoints
from loyalty.points.rules import Ask, Book, HoldClosed, Paper, Receipt, ask_paper, check_points
from loyalty.points.rules import uses as rules
from loyalty.points.rules.book import About
from loyalty.points.rules.gains import ripen
from loyalty.points.service.booking import open_books
from loyalty.points.service.operations import Desk, again, keep, receipt

HOLDS_AT_ONCE = 500


def hold(ask: Ask, *, until: datetime | None = None, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Reserve usable points, at most until the moment `until`; NotEnoughPoints with the usable amount."""
    check_points(ask.points)
    desk = Desk(now, by, dry_run)
    paper = ask_paper(ask, "hold", until, now=now)
    with transaction() as session:
        books = open_books([(ask.customer_id, ask.unit, ask.key)])
        opened = books[ask.customer_id, ask.unit]
        first = opened.first(paper)
        if first is not None:
            return again(ask, first, desk)
        ripen(opened.book, now=now)
        rules.hold(opened.book, ask.points, paper, now=now)
        ids = keep(books, ask, "hold", desk)
        if ids:
            session.execute(
                insert(Hold).values(
                    customer_id=ask.customer_id,
                    account_id=opened.book.account_id,
                    transaction_id=ids[-1],
                    key=ask.key,
                    points=ask.points,
                    state="held",
                    until=until,
                )
            )
        return receipt(opened, ask, desk)


def capture(ask: Ask, hold_key: str, *, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Redeem `ask.points` of a hold, in the order in which it reserved them, and release the rest.

    Refused: HoldNotFound, HoldClosed, CaptureAboveHold.
    """
    check_points(ask.points)

    def rule(book: Book, paper: Paper, kept: HeldPoints) -> None:
        rules.capture(book, ask.points, paper, kept.cuts, about=About(kept.transaction_id), now=now)

    return _close(ask, hold_key, "capture", rule, Desk(now, by, dry_run))


def release(ask: Ask, hold_key: str, *, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Give all points of a hold back to their lots. Refused: HoldNotFound, HoldClosed."""

    def rule(book: Book, paper: Paper, kept: HeldPoints) -> None:
        rules.release(book, paper, kept.cuts, about=About(kept.transaction_id, whole=True), now=now)

    return _close(ask, hold_key, "release", rule, Desk(now, by, dry_run))


def release_lapsed(as_of: datetime, *, dry_run: bool = False, now: datetime, by: Actor) -> int:
    """Release the holds whose time is over at `as_of`; return how many. Run again, it finds none."""
    if dry_run:
        return queries.lapsed_holds_count(as_of)
    released = 0
    while found := queries.lapsed_holds(as_of, most=HOLDS_AT_ONCE):
        for customer_id, unit, key, store_id, points in found:
            ask = Ask(customer_id, points, f"release:{key}", store_id, "", unit, source_kind="hold")
            try:
                release(ask, key, now=now, by=by)
                released += 1
            except HoldClosed:
                continue  # somebody captured or released it since we looked
    return released


def _close(ask: Ask, hold_key: str, name: str, rule: Callable[[Book, Paper, HeldPoints], None], desk: Desk) -> Receipt:
    paper = ask_paper(ask, name, hold_key, now=desk.now)
    asked = [(ask.customer_id, ask.unit, ask.key)]
    with transaction() as session:
        opened = open_books(asked, with_lots=False)[ask.customer_id, ask.unit]
        first = opened.first(paper)
        if first is not None:
            return again(ask, first, desk)
        kept = queries.held(ask.customer_id, opened.book.account_id, hold_key)
        if kept.state != "held":
            raise HoldClosed(state=kept.state)
        books = open_books(asked, lot_ids=[lot_id for lot_id, _ in kept.cuts])
        opened = books[ask.customer_id, ask.unit]
        ripen(opened.book, now=desk.now)
        rule(opened.book, paper, kept)
        if keep(books, ask, name, desk):
            state = {"capture": "captured", "release": "released"}[name]
            session.execute(
                update(Hold).where(Hold.customer_id == ask.customer_id, Hold.id == kept.id).values(state=state)
            )
        return receipt(opened, ask, desk)
