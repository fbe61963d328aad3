"""Points given and taken back for documents, in batches of any size with two statements."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.effects import Effect
from loyalty.points.rules import Award, Take, check_points
from loyalty.points.rules.gains import earn
from loyalty.points.rules.papers import award_paper, take_paper
from loyalty.points.rules.uses import take_back as plan_take_back
from loyalty.points.service.booking import open_books, store


def award(awards: Sequence[Award], *, now: datetime, by: Actor) -> list[Effect]:
    """Give the points of each award once, and settle debts from them; return what happened, in order.

    A key that was booked before answers its first effects. Refused: NoAccount, KeyReused.
    """
    return _give(awards, "earn", now=now, by=by)


def migrate(openings: Sequence[Award], *, now: datetime, by: Actor) -> list[Effect]:
    """Bring over lots of a former programme, each with its own day and end, as `award` does."""
    return _give(openings, "migrate", now=now, by=by)


def take_back(takes: Sequence[Take], *, now: datetime, by: Actor) -> list[Effect]:
    """Take points back, each once: pending part, own lots, other lots in use order, then debt or write-off.

    Never refused for want of points; a key that was booked before answers its first effects.
    """
    if not takes:
        return []
    for take in takes:
        check_points(take.points)
    effects: list[Effect] = []
    with transaction():
        books = open_books([(take.customer_id, take.unit, take.key) for take in takes])
        for take in takes:
            opened = books[take.customer_id, take.unit]
            paper = take_paper(take)
            effects += opened.once(paper, partial(plan_take_back, take=take, paper=paper, now=now))
        store(books.values(), now=now, by=by)
    return effects


def _give(awards: Sequence[Award], kind: str, *, now: datetime, by: Actor) -> list[Effect]:
    if not awards:
        return []
    for one in awards:
        check_points(one.points)
    effects: list[Effect] = []
    with transaction():
        # The lots that are there matter only where activity moves their ends.
        books = open_books(
            [(one.customer_id, one.unit, one.key) for one in awards], with_lots=any(one.rolls for one in awards)
        )
        for one in awards:
            opened = books[one.customer_id, one.unit]
            paper = award_paper(one, operation=kind)
            effects += opened.once(paper, partial(earn, award=one, paper=paper, now=now, kind=kind))
        store(books.values(), now=now, by=by)
    return effects
