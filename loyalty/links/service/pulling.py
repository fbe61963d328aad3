"""Reading the view of a core database: what was changed since the last time, in batches, and never twice at once.

The core database is asked while no transaction of ours is open; what a batch told and the watermark behind it are one
transaction. Reading the same again changes nothing, so each reading begins a little before the last change seen.
"""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import Problem
from loyalty.links import queries
from loyalty.links.outlets import core_databases
from loyalty.links.ports import CoreView, Mark
from loyalty.links.queries import LinkView
from loyalty.links.rules import Item, NotAPull, Plan, Rows, Taken, Unforeseen, Unmapped, begin_of, later
from loyalty.links.rules.rows import ViewReader
from loyalty.links.service.comparing import Compared, compare
from loyalty.links.service.leases import Claimed, LeaseLost, claim, end, fail, keep
from loyalty.links.service.links import link_actor
from loyalty.links.service.taking import counts_of, take
from loyalty.sales.queries import known_rows
from loyalty.sales.rules import SaleFact

logger = logging.getLogger(__name__)

BATCH = 1_000
LONGEST_SECONDS = 240.0  # then the next worker goes on, so that no job of the queue runs for too long
COMPARE_EVERY = timedelta(hours=20)
AHEAD = timedelta(days=1)
SHOWN_ROWS = 5

Progress = Callable[[int], None]


@dataclass(slots=True)
class Pulled:
    """What a reading came to: `state` is done, more (it goes on at once), failed or lost to another reader."""

    link: str
    state: str
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    watermark: str | None = None
    problem: Problem | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a command tells them."""
        return {
            "link": self.link,
            "state": self.state,
            "rows": self.rows,
            "sales": self.counts,
            "rejected": self.counts.get("rejected", 0),
            "watermark": self.watermark,
            "problem": None if self.problem is None else str(self.problem),
        }


@dataclass(frozen=True, slots=True)
class Tested:
    """What the test of a connection found: the columns, the first rows, and how many rows no reading would see."""

    columns: list[str]
    rows: Rows
    unseen: int


def pull(
    link: LinkView, *, now: datetime, by: Actor, by_hand: bool = False, progress: Progress | None = None
) -> Pulled | None:
    """Read what was changed in the view of a link; None when it is not due or is being read.

    A core database that is away, or a view that is not as it should be, is noted on the link and tried again after a
    pause. Refused: NotAPull, Paused, Unmapped; by hand also Busy.
    """
    claimed = claim(link, by_hand=by_hand, by=by)
    if claimed is None:
        return None
    try:
        done = _pull(claimed, _plan_of(link), now=now, progress=progress)
        return Pulled(link.code, done, claimed.rows, claimed.counts, claimed.watermark)
    except LeaseLost:
        return Pulled(link.code, "lost", claimed.rows, claimed.counts, claimed.watermark)
    except Problem as problem:
        with suppress(LeaseLost):
            fail(claimed, problem)
        return Pulled(link.code, "failed", claimed.rows, claimed.counts, claimed.watermark, problem)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        unforeseen = Unforeseen(reference=secrets.token_hex(4))
        logger.exception("Link %s, %s", link.code, unforeseen.details["reference"], exc_info=error)
        fail(claimed, unforeseen)
        return Pulled(link.code, "failed", claimed.rows, claimed.counts, claimed.watermark, unforeseen)


def _plan_of(link: LinkView) -> Plan:
    if link.pull is None:
        raise NotAPull(link=link.code)
    if link.pull.plan.mapping is None:
        raise Unmapped
    return link.pull.plan


def _pull(claimed: Claimed, plan: Plan, *, now: datetime, progress: Progress | None) -> str:
    link, deadline = claimed.link, time.monotonic() + LONGEST_SECONDS
    daily = claimed.compared_at is None or claimed.compared_at <= now - COMPARE_EVERY
    overlap = timedelta(seconds=plan.overlap_seconds)
    if daily:
        overlap = max(overlap, timedelta(days=plan.window_days))
    since = begin_of(claimed.watermark, overlap)
    compared = Compared()
    with core_databases().open(queries.core_url(link.id), plan) as view:
        while True:
            more = _batch(claimed, plan, view, since, now=now)
            if progress:
                progress(claimed.rows)
            if not more:
                break
            if time.monotonic() > deadline:
                end(claimed, more=True)
                return "more"
        if daily and plan.window_days:
            compared = compare(claimed, view, plan, now=now)
    compared_at = now if daily else None
    missing = compared.missing if daily else link.pull.missing if link.pull else 0
    end(claimed, more=False, compared_at=compared_at, missing=missing, problem=compared.problem)
    return "done"


def _batch(claimed: Claimed, plan: Plan, view: CoreView, since: datetime | None, *, now: datetime) -> bool:
    """Take the next batch; return whether there may be another one behind it."""
    changes = view.changes(since, claimed.after, BATCH)
    if not changes.numbers:
        with transaction():
            keep(claimed, claimed.watermark)
        return False
    rows = view.rows_of(changes.values)
    items = _items(plan, rows)
    fresh = _unknown(claimed.link, items)
    watermark = later(claimed.watermark, changes.changed, limit=now + AHEAD)

    def kept(taken: list[Taken]) -> None:
        claimed.add(len(rows), {**counts_of(taken)})
        claimed.add(0, {"same": len(items) - len(fresh)} if len(items) > len(fresh) else {})
        claimed.after = changes.last
        keep(claimed, watermark)

    take(claimed.link, fresh, now=now, also=kept)
    db.session.expunge_all()
    return changes.last is not None


def _items(plan: Plan, rows: Rows) -> list[Item]:
    if plan.mapping is None:
        raise Unmapped
    return ViewReader(plan, plan.mapping, rows.header).items(rows)


def _unknown(link: LinkView, items: Sequence[Item]) -> list[Item]:
    """Return the items but those whose rows are the very ones that their sale was last read from."""
    sales = [(place, item.fact) for place, item in enumerate(items) if isinstance(item.fact, SaleFact)]
    hashed = [(place, fact.number, fact.row_hash) for place, fact in sales if fact.row_hash is not None]
    ended = queries.cancelled_numbers(link.id, [number for _, number, _ in hashed])
    scope = link_actor(link).scope("sales.write")
    known = known_rows(link.source, [row[1] for row in hashed], [row[2] for row in hashed], scope)
    same = {hashed[row.place][0] for row in known if hashed[row.place][1] not in ended}
    return [item for place, item in enumerate(items) if place not in same]


class _TakenBack(Exception):
    """Ends a dry run: what it did is rolled back."""


def rehearse(link: LinkView, *, now: datetime, progress: Progress | None = None) -> Pulled:
    """Tell what a reading would come to, writing nothing: each batch is worked on and taken back."""
    plan = _plan_of(link)
    pulled = Pulled(link.code, "done", watermark=link.pull.watermark if link.pull else None)
    since = begin_of(pulled.watermark, timedelta(seconds=plan.overlap_seconds))
    after: Mark | None = None
    with core_databases().open(queries.core_url(link.id), plan) as view:
        while True:
            changes = view.changes(since, after, BATCH)
            rows = view.rows_of(changes.values) if changes.numbers else Rows(())
            items = _items(plan, rows) if changes.numbers else []
            for state, number in counts_of(_rehearsed(link, items, now)).items():
                pulled.counts[state] = pulled.counts.get(state, 0) + number
            pulled.rows += len(rows)
            after = changes.last
            if progress:
                progress(pulled.rows)
            if after is None:
                return pulled


def _rehearsed(link: LinkView, items: Sequence[Item], now: datetime) -> list[Taken]:
    taken: list[Taken] = []
    with suppress(_TakenBack), transaction():
        taken = take(link, items, now=now) if items else []
        raise _TakenBack
    return taken


def test_connection(link: LinkView) -> Tested:
    """Return what the view of a link has; refused CoreAway, ViewMissing, ColumnsMissing."""
    if link.pull is None:
        raise NotAPull(link=link.code)
    plan = link.pull.plan
    with core_databases().open(queries.core_url(link.id), plan) as view:
        columns = view.columns()
        named = {name.casefold() for name in columns}
        whole = plan.mapping is not None and {plan.changed.casefold(), plan.number.casefold()} <= named
        return Tested(columns, view.first_rows(SHOWN_ROWS), view.unseen() if whole else 0)
