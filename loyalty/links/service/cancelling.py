"""Sales that the core system has struck out: all that is left of them goes back."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from loyalty.kernel.actor import Actor
from loyalty.links.queries import LinkView
from loyalty.links.rules import Cancellation, Item, Taken
from loyalty.sales.rules import NothingLeft, Outcome, RefundBeforeSale, RefundFact, UnknownSale
from loyalty.sales.rules.checks import LONGEST_NUMBER
from loyalty.sales.service import record_refunds

NUMBER = "{number}/cancelled"


def cancel_sales(link: LinkView, items: Sequence[Item], by: Actor, now: datetime) -> list[Taken]:
    """Return what became of each cancellation; of a sale that never came nothing is left to do but to remember it."""
    facts = [item.fact for item in items if isinstance(item.fact, Cancellation)]
    outcomes = record_refunds([_refund(link, fact, now) for fact in facts], now=now, by=by) if facts else []
    taken = []
    for item, fact, first in zip(items, facts, outcomes, strict=True):
        outcome = first
        if isinstance(first.problem, RefundBeforeSale):
            # The day of the cancellation is not to be believed; the points go back all the same, as of now.
            later = Cancellation(fact.number, now, fact.reason)
            outcome = record_refunds([_refund(link, later, now)], now=now, by=by)[0]
        taken.append(_told(item, outcome))
    return taken


def _told(item: Item, outcome: Outcome) -> Taken:
    if isinstance(outcome.problem, UnknownSale | NothingLeft):
        return Taken(item, "same")
    return Taken(item, outcome.state, outcome.effects, tuple(item.tell(each) for each in outcome.flaws))


def _refund(link: LinkView, fact: Cancellation, now: datetime) -> RefundFact:
    number = NUMBER.format(number=fact.number)
    if len(number) > LONGEST_NUMBER:
        number = NUMBER.format(number=blake2b(fact.number.encode(), digest_size=16).hexdigest())
    return RefundFact(link.source, fact.number, number, fact.occurred or now, reason=fact.reason)
