"""The one way in for what links tell, whether it was sent or read: into sales, refunds, deliveries and readings.

Every item is answered for itself. When a whole batch comes to grief for a reason that nobody foresaw, its halves are
tried apart, so that one row never holds up the others.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Problem
from loyalty.links.queries import LinkView
from loyalty.links.rules import ITEM_KINDS, Cancellation, Item, StandsAgain, Taken, flaw, flaw_of, flaws_of
from loyalty.links.rules import rejected as rejected_item
from loyalty.links.service.cancelling import cancel_sales
from loyalty.links.service.links import link_actor
from loyalty.links.service.marks import SaleMark, keep_marks, lock_marks
from loyalty.links.service.readings import take_readings
from loyalty.links.service.rejecting import keep_rejects
from loyalty.sales.rules import DeliveryFact, Outcome, RefundFact, SaleFact
from loyalty.sales.service import record_deliveries, record_refunds, record_sales

logger = logging.getLogger(__name__)

UNFORESEEN = "This could not be worked on; the log of the service tells more under {reference}."

FAULTS = (Problem, DBAPIError, ArithmeticError, LookupError, TypeError, ValueError)

Taker = Callable[[LinkView, Sequence[Item], Actor, datetime], list[Taken]]

Also = Callable[[list[Taken]], None]
"""What is written in the transaction of the items: how far their bearer is."""


def take(link: LinkView, items: Sequence[Item], *, now: datetime, also: Also | None = None) -> list[Taken]:
    """Return what became of each item, in order; all that could be taken is written, what not is kept as rejected.

    When the database is away nothing is written and OperationalError is raised: the whole is to be tried again.
    """
    try:
        return _whole(link, items, now=now, also=also)
    except OperationalError:
        raise
    except FAULTS:
        taken = _apart(link, items, now=now)
        if also:
            with transaction():
                also(taken)
        return taken


def _whole(link: LinkView, items: Sequence[Item], *, now: datetime, also: Also | None = None) -> list[Taken]:
    by = link_actor(link)
    with transaction():
        taken = _take(link, items, by=by, now=now)
        keep_rejects(link, taken, now=now, by=by)
        if also:
            also(taken)
        return taken


def _apart(link: LinkView, items: Sequence[Item], *, now: datetime) -> list[Taken]:
    """Take the items in halves, down to the one that cannot be worked on, which is kept as rejected."""
    try:
        return _whole(link, items, now=now)
    except OperationalError:
        raise
    except FAULTS as error:
        if len(items) > 1:
            half = len(items) // 2
            return _apart(link, items[:half], now=now) + _apart(link, items[half:], now=now)
        taken = [rejected_item(items[0], *_reasons(link, items[0], error))]
        with transaction():
            keep_rejects(link, taken, now=now, by=link_actor(link))
        return taken


def _reasons(link: LinkView, item: Item, error: Exception) -> Sequence[Mapping[str, Any]]:
    if isinstance(error, Problem):
        return flaws_of(error)
    reference = secrets.token_hex(4)
    logger.error("Item %s of link %s, %s: %s", item.place, link.code, reference, type(error).__name__)
    return [flaw("", UNFORESEEN, {"reference": reference})]


def counts_of(taken: Iterable[Taken]) -> dict[str, int]:
    """Return how many items came to which state."""
    return dict(Counter(one.state for one in taken))


def _take(link: LinkView, items: Sequence[Item], *, by: Actor, now: datetime) -> list[Taken]:
    marks = lock_marks(link.id, {number for item in items if (number := _sale_of(item))})
    outcomes: dict[int, Taken] = {}
    for kind in ITEM_KINDS:
        places = [place for place, item in enumerate(items) if item.kind == kind]
        ready: list[int] = []
        for place in places:
            settled = _settled(items[place], marks)
            if settled is None:
                ready.append(place)
            else:
                outcomes[place] = settled
        for place, one in zip(ready, _TAKERS[kind](link, [items[at] for at in ready], by, now), strict=True):
            outcomes[place] = one
            _note(marks, one, now)
    keep_marks(link.id, list(marks.values()))
    return [outcomes[place] for place in range(len(items))]


def _sale_of(item: Item) -> str | None:
    """Return the number of the sale whose order of events counts; None for items that stand alone."""
    fact = item.fact
    if isinstance(fact, SaleFact | Cancellation):
        return fact.number
    return fact.sale_number if isinstance(fact, DeliveryFact) else None


def _settled(item: Item, marks: Mapping[str, SaleMark]) -> Taken | None:
    """Return what became of an item that needs no work: unreadable, older than what is known, or of an ended sale."""
    if item.problem is not None or item.fact is None:
        return rejected_item(item, *(item.flaws or (flaws_of(item.problem) if item.problem else ())))
    mark = marks.get(_sale_of(item) or "")
    if mark is None:
        return None
    if item.changed_at is not None and mark.changed_at is not None and item.changed_at < mark.changed_at:
        return Taken(item, "passed_over")
    if mark.cancelled_at is not None:
        if isinstance(item.fact, Cancellation):
            return Taken(item, "same")
        return rejected_item(item, flaw_of(StandsAgain(number=mark.number, day=mark.cancelled_at.date().isoformat())))
    return None


def _note(marks: Mapping[str, SaleMark], one: Taken, now: datetime) -> None:
    """Note what a taken item tells of its sale, for those behind it."""
    mark = marks.get(_sale_of(one.item) or "")
    if mark is None or one.state == "rejected":
        return
    mark.changed_at = one.item.changed_at or mark.changed_at
    if isinstance(one.item.fact, Cancellation):
        mark.cancelled_at = now
    elif isinstance(one.item.fact, SaleFact):
        mark.day = _day(one.item.fact.occurred)


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _take_sales(link: LinkView, items: Sequence[Item], by: Actor, now: datetime) -> list[Taken]:
    facts = [item.fact for item in items if isinstance(item.fact, SaleFact)]
    mapping = link.pull.plan.mapping if link.pull else None
    customers = mapping.customers if mapping else "create"
    return _told(items, record_sales(facts, mode="correct", now=now, by=by, customers=customers))


def _take_refunds(_link: LinkView, items: Sequence[Item], by: Actor, now: datetime) -> list[Taken]:
    facts = [item.fact for item in items if isinstance(item.fact, RefundFact)]
    return _told(items, record_refunds(facts, now=now, by=by)) if facts else []


def _take_deliveries(_link: LinkView, items: Sequence[Item], by: Actor, now: datetime) -> list[Taken]:
    facts = [item.fact for item in items if isinstance(item.fact, DeliveryFact)]
    return _told(items, record_deliveries(facts, now=now, by=by)) if facts else []


def _told(items: Sequence[Item], outcomes: Sequence[Outcome]) -> list[Taken]:
    return [
        Taken(item, outcome.state, outcome.effects, tuple(item.tell(each) for each in outcome.flaws))
        for item, outcome in zip(items, outcomes, strict=True)
    ]


_TAKERS: Mapping[str, Taker] = {
    "sale": _take_sales,
    "refund": _take_refunds,
    "cancellation": cancel_sales,
    "delivery": _take_deliveries,
    "reading": take_readings,
}
