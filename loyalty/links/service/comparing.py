"""Once a day: which sales of the last days are no longer in the view, since somebody deleted them for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Problem
from loyalty.links import queries
from loyalty.links.ports import CoreView
from loyalty.links.queries import LinkView
from loyalty.links.rules import Cancellation, Item, NotAPull, Plan, Taken, TooManyGone
from loyalty.links.service.leases import Claimed, keep
from loyalty.links.service.marks import mark_missing
from loyalty.links.service.taking import counts_of, take
from loyalty.staff.service import AuditEntry, record_audit

AT_ONCE = 500
# More than this, and the view is likelier to be wrong than so many sales to be struck out.
PLAUSIBLE_COUNT, PLAUSIBLE_SHARE = 20, 0.05
GONE = "deleted in the core system"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: how many sales are missing and wait for a person, and the problem to show."""

    missing: int = 0
    problem: Problem | None = None


def compare(claimed: Claimed, view: CoreView, plan: Plan, *, now: datetime) -> Compared:
    """Cancel the sales of the last days that the view no longer has; when too many are gone, only say so."""
    link = claimed.link
    from_day, after = (now - timedelta(days=plan.window_days)).date(), (date.min, "")
    gone: list[str] = []
    compared = 0
    while expected := queries.expected_numbers(link.id, from_day, after=after, limit=AT_ONCE):
        numbers = [number for _, number in expected]
        missing = set(numbers) - view.present(numbers)
        with transaction():
            mark_missing(link.id, numbers, missing, now)
            keep(claimed, claimed.watermark)
        gone += sorted(missing)
        compared += len(numbers)
        after = expected[-1]
    if not plausible(len(gone), compared):
        return Compared(len(gone), TooManyGone(gone=len(gone), compared=compared))
    for start in range(0, len(gone), AT_ONCE):
        _cancel(claimed, gone[start : start + AT_ONCE], now)
    return Compared()


def plausible(gone: int, compared: int) -> bool:
    """Return whether so many of the compared sales may really have been struck out: never all of several."""
    if gone == compared and compared > 1:
        return False
    return gone <= max(PLAUSIBLE_COUNT, compared * PLAUSIBLE_SHARE)


def _cancel(claimed: Claimed, numbers: Sequence[str], now: datetime) -> None:
    def kept(taken: list[Taken]) -> None:
        claimed.add(0, {f"{state}_gone" if state == "created" else state: n for state, n in counts_of(taken).items()})
        keep(claimed, claimed.watermark)

    take(claimed.link, [_item(number, now) for number in numbers], now=now, also=kept)


def _item(number: str, now: datetime) -> Item:
    content = {"list": "cancellations", "item": {"sale": number, "reason": GONE}}
    return Item("cancellation", number, number, content, Cancellation(number, now, GONE))


def accept_missing(link: LinkView, *, now: datetime, by: Actor) -> int:
    """Cancel the sales that the last comparison did not find, as a person says so; return how many."""
    if link.pull is None:
        raise NotAPull(link=link.code)
    count = 0
    while numbers := queries.missing_numbers(link.id, limit=AT_ONCE):
        take(link, [_item(number, now) for number in numbers], now=now)
        count += len(numbers)
    with transaction():
        queries.lock_pull(link.id).missing = 0
        queries.lock_pull(link.id).problem = None
        record_audit([AuditEntry("link.missing_cancelled", "link", link.id, by, now, after={"sales": count})])
    return count
