"""Points given and taken back for documents, in batches of any size with one or two statements."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import batch, run, transaction
from loyalty.kernel.effects import Effect
from loyalty.points.rules import Award, Take, check_points
from loyalty.points.rules.effects import effect_of_award
from loyalty.points.rules.gains import earn
from loyalty.points.rules.papers import award_paper, take_paper
from loyalty.points.rules.uses import take_back as plan_take_back
from loyalty.points.service.booking import open_books, store

_AWARD = text("SELECT n FROM points_award(CAST(:awards AS json), :kind, :booked, :by_kind, :by_id, :by_name) AS n")


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
    with transaction():
        booked = _book_plain(awards, kind, now=now, by=by)
        others = [one for number, one in enumerate(awards) if number not in booked]
        thought_over = iter(_book_by_rules(others, kind, now=now, by=by)) if others else iter(())
        return [
            effect
            for number, one in enumerate(awards)
            for effect in ([effect_of_award(one, kind, now=now)] if number in booked else next(thought_over))
        ]


def _book_plain(awards: Sequence[Award], kind: str, *, now: datetime, by: Actor) -> set[int]:
    """Book the awards that need no thought, nearly all of them, straight from their rows; return their numbers.

    The database finds out which they are: the account owes nothing, and the key is new. What moves the ends of other
    lots, and keys that stand in the batch twice, are left for the rules.
    """
    if any(one.rolls for one in awards) or len({(one.customer_id, one.unit, one.key) for one in awards}) < len(awards):
        return set()
    rows = [
        {
            "n": number,
            "customer_id": one.customer_id,
            "unit": one.unit,
            "points": one.points,
            "key": one.key,
            "content": one.content(kind),
            "source_kind": one.source_kind,
            "source_id": one.source_id,
            "source_number": one.source_number,
            "store_id": one.store_id,
            "occurred_at": one.occurred_at,
            "business_day": one.business_day,
            "policy_version_id": one.policy_version_id,
            "reason": one.reason,
            "available_from": one.available_from,
            "expires_at": one.expires_at,
            "unit_cost_micro": one.unit_cost_micro,
        }
        for number, one in enumerate(awards)
    ]
    values = {"kind": kind, "booked": now, "by_kind": by.kind, "by_id": by.id, "by_name": by.name}
    return {row.n for row in run(_AWARD, {"awards": batch(rows), **values})}


def _book_by_rules(awards: Sequence[Award], kind: str, *, now: datetime, by: Actor) -> list[list[Effect]]:
    """Let the rules book awards in the books of their accounts; return the effects of each."""
    # The lots that are there matter only where activity moves their ends.
    books = open_books(
        [(one.customer_id, one.unit, one.key) for one in awards], with_lots=any(one.rolls for one in awards)
    )
    effects = []
    for one in awards:
        paper = award_paper(one, operation=kind)
        enter = partial(earn, award=one, paper=paper, now=now, kind=kind)
        effects.append(books[one.customer_id, one.unit].once(paper, enter))
    store(books.values(), now=now, by=by)
    return effects
