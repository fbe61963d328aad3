"""Redemptions and their return, adjustments by hand, transfers between members."""

from datetime import datetime, timedelta

from loyalty.kernel.actor import Actor
from loyalty.kernel.clock import day_at, end_of
from loyalty.kernel.db import transaction
from loyalty.points import queries
from loyalty.points.rules import (
    Ask,
    Book,
    Paper,
    Receipt,
    Redemption,
    Refunds,
    ReturnAboveRedeemed,
    TransferToSelf,
    ask_paper,
    check_points,
)
from loyalty.points.rules import uses as rules
from loyalty.points.rules.book import About
from loyalty.points.rules.gains import give_back, ripen
from loyalty.points.rules.uses import cuts_to_return
from loyalty.points.service.booking import open_books
from loyalty.points.service.operations import Desk, again, keep, operate, receipt
from loyalty.programme.queries import in_force
from loyalty.staff.queries import stores_by_ids


def redeem(ask: Ask, *, order_minor: int | None = None, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Use points for an order worth `order_minor` minor units, by the redemption policy of today.

    Refused: NotEnoughPoints (with the usable amount), NotAMultiple, BelowMinimum, AboveShare, NoAccount, KeyReused.
    """
    version = in_force("redemption", now)
    policy = version.rules if version else Redemption()

    def rule(book: Book, paper: Paper) -> None:
        rules.redeem(book, ask.points, paper, policy=policy, order_minor=order_minor, now=now)

    return operate(ask, "redeem", rule, more=[order_minor], desk=Desk(now, by, dry_run))


def adjust(ask: Ask, *, expires_at: datetime | None = None, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Add points, which end at `expires_at`, or (below 0) take them; taking more than can be used is refused."""

    def rule(book: Book, paper: Paper) -> None:
        rules.adjust(book, ask.points, paper, expires_at=expires_at, now=now)

    return operate(ask, "adjust", rule, more=[expires_at], desk=Desk(now, by, dry_run))


def return_redemption(
    ask: Ask, redemption_key: str, *, dealer_fault: bool = False, now: datetime, by: Actor, dry_run: bool = False
) -> Receipt:
    """Give `ask.points` of a redemption back to the lots they came from, those used last first.

    What lapsed meanwhile stays lapsed, or lives again for the days of the refunds policy when `dealer_fault`.
    Refused: RedemptionNotFound, ReturnAboveRedeemed.
    """
    check_points(ask.points)
    desk = Desk(now, by, dry_run)
    paper = ask_paper(ask, "return", redemption_key, dealer_fault, now=now)
    asked = [(ask.customer_id, ask.unit, ask.key)]
    with transaction():
        opened = open_books(asked, with_lots=False)[ask.customer_id, ask.unit]
        first = opened.first(paper)
        if first is not None:
            return again(ask, first, desk)
        redeemed = queries.redeemed(ask.customer_id, opened.book.account_id, redemption_key)
        left = redeemed.points - redeemed.returned
        if ask.points > left:
            raise ReturnAboveRedeemed(asked=ask.points, left=left)
        cuts = cuts_to_return(redeemed.cuts, returned=redeemed.returned, points=ask.points)
        books = open_books(asked, lot_ids=[lot_id for lot_id, _ in cuts])
        opened = books[ask.customer_id, ask.unit]
        ripen(opened.book, now=now)
        give_back(
            opened.book,
            paper,
            cuts,
            about=About(redeemed.transaction_id, whole=ask.points == redeemed.points),
            now=now,
            reinstated_until=_reinstated_until(ask.store_id, now) if dealer_fault else None,
        )
        keep(books, ask, "return", desk)
        return receipt(opened, ask, desk)


def transfer(ask: Ask, to_customer_id: int, *, now: datetime, by: Actor, dry_run: bool = False) -> Receipt:
    """Move usable points to another member; each part keeps its age and end. The receipt is the giver's.

    Refused: NotEnoughPoints, TransferToSelf, NoAccount.
    """
    check_points(ask.points)
    if to_customer_id == ask.customer_id:
        raise TransferToSelf
    desk = Desk(now, by, dry_run)
    paper = ask_paper(ask, "transfer", to_customer_id, now=now)
    with transaction():
        books = open_books([(ask.customer_id, ask.unit, ask.key), (to_customer_id, ask.unit, ask.key)])
        giver, taker = books[ask.customer_id, ask.unit], books[to_customer_id, ask.unit]
        first = giver.first(paper)
        if first is not None:
            return again(ask, first, desk)
        ripen(giver.book, now=now)
        ripen(taker.book, now=now)
        rules.transfer(giver.book, taker.book, ask.points, paper, now=now)
        keep(books, ask, "transfer", desk)
        return receipt(giver, ask, desk)


def _reinstated_until(store_id: int, now: datetime) -> datetime | None:
    """Return until when lapsed points live again by the policy, through the day; None when they stay lapsed."""
    version = in_force("refunds", now)
    policy = version.rules if version else Refunds()
    if not policy.reinstate_days:
        return None
    zone = stores_by_ids([store_id])[store_id].zone
    return end_of(day_at(now, zone) + timedelta(days=policy.reinstate_days), zone)
