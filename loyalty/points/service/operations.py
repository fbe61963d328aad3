"""One operation on one account: the same way for all, whether it is done or only tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points import queries
from loyalty.points.models import Remark
from loyalty.points.rules import Ask, Book, Paper, Receipt, ask_paper, check_points, effects_of
from loyalty.points.rules.gains import ripen
from loyalty.points.service.booking import Books, Opened, open_books, store
from loyalty.staff.service import AuditEntry, record_audit


@dataclass(frozen=True, slots=True)
class Desk:
    """Who operates, when, and whether nothing shall be kept."""

    now: datetime
    by: Actor
    dry_run: bool = False


def operate(
    ask: Ask, name: str, rule: Callable[[Book, Paper], None], *, more: Sequence[object] = (), desk: Desk
) -> Receipt:
    """Let `rule` write in the locked book of the account and store it; a dry run answers the same and keeps nothing.

    A key that was booked before answers its first result; `more` belongs to the content that the key protects.
    """
    check_points(ask.points, signed=name == "adjust")
    paper = ask_paper(ask, name, *more, now=desk.now)
    with transaction():
        books = open_books([(ask.customer_id, ask.unit, ask.key)])
        opened = books[ask.customer_id, ask.unit]
        first = opened.first(paper)
        if first is not None:
            return again(ask, first, desk)
        ripen(opened.book, now=desk.now)
        rule(opened.book, paper)
        keep(books, ask, name, desk)
        return receipt(opened, ask, desk)


def keep(books: Books, ask: Ask, name: str, desk: Desk) -> list[int]:
    """Store what the books say, with remark and audit row; return the ids of the transactions, none in a dry run."""
    if desk.dry_run:
        return []
    ids = store(books.values(), now=desk.now, by=desk.by)
    account_id = books[ask.customer_id, ask.unit].book.account_id
    _remark(books, ids, ask)
    told = {"points": ask.points, "key": ask.key}
    record_audit(
        [
            AuditEntry(
                f"points.{name}",
                "points_account",
                account_id,
                desk.by,
                desk.now,
                customer_id=ask.customer_id,
                store_id=ask.store_id,
                after=told,
            )
        ]
    )
    return ids


def _remark(books: Books, ids: Sequence[int], ask: Ask) -> None:
    """Keep what was written about the movements of this request, where it can be forgotten."""
    if not ask.reason:
        return
    entries = [(opened.book.customer_id, entry) for opened in books.values() for entry in opened.book.entries]
    rows = [
        {"customer_id": customer_id, "transaction_id": at, "remark": ask.reason}
        for (customer_id, entry), at in zip(entries, ids, strict=True)
        if entry.paper.key == ask.key
    ]
    if rows:
        with transaction() as session:
            session.execute(insert(Remark), rows)


def receipt(opened: Opened, ask: Ask, desk: Desk) -> Receipt:
    """Return what the book says was done, and how the account stands after it."""
    book = opened.book
    return Receipt(
        customer_id=book.customer_id,
        key=ask.key,
        points=ask.points,
        available=book.usable(desk.now),
        pending=book.pending,
        held=book.held,
        debt=book.debt,
        effects=tuple(effects_of(book)),
    )


def again(ask: Ask, first: list[Effect], desk: Desk) -> Receipt:
    """Return the first effects of a repeated key, and how the account stands now."""
    stands = queries.balance(ask.customer_id, now=desk.now, unit=ask.unit)
    figures = (stands.available, stands.pending, stands.held, stands.debt)
    return Receipt(ask.customer_id, ask.key, ask.points, *figures, effects=tuple(first))
