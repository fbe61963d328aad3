"""Who reads a view at the moment, and how far the reading is: two never read one link, and a kill frees it soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import db, transaction
from loyalty.kernel.errors import Problem
from loyalty.links import queries
from loyalty.links.models import LinkRun
from loyalty.links.ports import Mark
from loyalty.links.queries import LinkView
from loyalty.links.rules import Busy, CoreAway, NotAPull, Paused, Unmapped
from loyalty.sales.rules.outcomes import plain_numbers

LEASE = timedelta(minutes=3)
"""Renewed by each batch; a batch waits for the core database for at most a good minute."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)
SILENT = frozenset({"same", "passed_over"})

_CLAIM = text("""
    UPDATE link_pulls SET token = :token, lease_until = clock_timestamp() + CAST(:lease AS interval)
    WHERE link_id = :link_id AND (lease_until IS NULL OR lease_until < clock_timestamp())
        AND (:by_hand OR due_at <= clock_timestamp())
    RETURNING watermark, progress, compared_at, seen_at, clock_timestamp() AS now
""")
_KEEP = text("""
    UPDATE link_pulls SET watermark = :watermark, progress = CAST(:progress AS jsonb),
        lease_until = clock_timestamp() + CAST(:lease AS interval)
    WHERE link_id = :link_id AND token = :token RETURNING link_id
""")
_END = text("""
    UPDATE link_pulls SET token = NULL, lease_until = NULL, failures = 0, unreachable_since = NULL,
        seen_at = clock_timestamp(), problem = CAST(:problem AS jsonb), missing = :missing,
        compared_at = coalesce(:compared_at, compared_at),
        progress = CASE WHEN :more THEN progress ELSE '{}'::jsonb END,
        due_at = clock_timestamp()
            + CASE WHEN :more THEN interval '0' ELSE make_interval(secs => every_seconds) END
    WHERE link_id = :link_id AND token = :token RETURNING link_id
""")
_FAIL = text("""
    UPDATE link_pulls SET token = NULL, lease_until = NULL, failures = failures + 1,
        unreachable_since = CASE WHEN :away THEN coalesce(unreachable_since, clock_timestamp()) END,
        problem = CAST(:problem AS jsonb),
        due_at = clock_timestamp() + least(CAST(:first AS interval) * power(2, least(failures, 10)), :longest)
    WHERE link_id = :link_id AND token = :token RETURNING failures
""")


class LeaseLost(Exception):
    """Somebody else reads the link now; whoever reads this stops."""


@dataclass(slots=True)
class Claimed:
    """A link in our hands until its lease ends; `counts` add up over the batches, also over those before a kill.

    `after` is the row behind which the next batch begins; a reading that was cut off begins anew with the overlap,
    since rows may have been committed late meanwhile.
    """

    link: LinkView
    token: UUID
    by: Actor
    began_at: datetime
    watermark: str | None
    compared_at: datetime | None
    rows: int
    counts: dict[str, int]
    after: Mark | None = None

    def add(self, rows: int, counts: Mapping[str, int]) -> None:
        """Count a batch."""
        self.rows += rows
        for state, number in counts.items():
            self.counts[state] = self.counts.get(state, 0) + number

    @property
    def progress(self) -> dict[str, Any]:
        """Return what the page shows meanwhile."""
        return {"rows": self.rows, "counts": self.counts, "began_at": self.began_at.isoformat()}


def claim(link: LinkView, *, by_hand: bool, by: Actor) -> Claimed | None:
    """Take a link for one lease; None when it is not due or somebody reads it, which by hand is refused as Busy."""
    if link.pull is None:
        raise NotAPull(link=link.code)
    if link.paused:
        raise Paused(link=link.code)
    if link.pull.plan.mapping is None:
        raise Unmapped
    token = uuid4()
    values = {"link_id": link.id, "token": token, "lease": LEASE, "by_hand": by_hand}
    with transaction() as session:
        row = session.execute(_CLAIM, values).one_or_none()
    if row is None:
        if by_hand:
            until = queries.link_by_id(link.id).pull
            raise Busy(link=link.code, until=until.lease_until if until else None)
        return None
    before = row.progress
    began = datetime.fromisoformat(before["began_at"]) if before else row.now
    counts = dict(before.get("counts", {}))
    return Claimed(link, token, by, began, row.watermark, row.compared_at, before.get("rows", 0), counts)


def keep(claimed: Claimed, watermark: str | None) -> None:
    """Write how far a reading is and begin the lease anew, in the transaction of what was read; LeaseLost."""
    values = {
        "link_id": claimed.link.id,
        "token": claimed.token,
        "watermark": watermark,
        "progress": dumps(claimed.progress),
        "lease": LEASE,
    }
    if db.session.execute(_KEEP, values).one_or_none() is None:
        raise LeaseLost
    claimed.watermark = watermark


def end(
    claimed: Claimed,
    *,
    more: bool,
    compared_at: datetime | None = None,
    missing: int = 0,
    problem: Problem | None = None,
) -> None:
    """Write that a reading is through, or (`more`) goes on at once; one that brought something leaves a row."""
    values = {
        "link_id": claimed.link.id,
        "token": claimed.token,
        "more": more,
        "compared_at": compared_at,
        "missing": missing,
        "problem": None if problem is None else dumps(told(problem)),
    }
    with transaction() as session:
        now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        if session.execute(_END, values).one_or_none() is None:
            raise LeaseLost
        if not more and (problem or claimed.counts.keys() - SILENT):
            session.add(_run(claimed, now, problem))


def fail(claimed: Claimed, problem: Problem) -> None:
    """Write why a reading came to grief; the next try is after a pause that grows. The first of a row leaves a row."""
    values = {
        "link_id": claimed.link.id,
        "token": claimed.token,
        "away": isinstance(problem, CoreAway),
        "problem": dumps(told(problem)),
        "first": FIRST_PAUSE,
        "longest": LONGEST_PAUSE,
    }
    with transaction() as session:
        now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        failures = session.execute(_FAIL, values).scalar_one_or_none()
        if failures == 1:
            session.add(_run(claimed, now, problem))


def told(problem: Problem) -> dict[str, Any]:
    """Return a problem as it is stored: its sentence and figures in JSON's types."""
    return {"sentence": problem.sentence, "numbers": plain_numbers(problem.details)}


def _run(claimed: Claimed, now: datetime, problem: Problem | None) -> LinkRun:
    return LinkRun(
        link_id=claimed.link.id,
        started_at=claimed.began_at,
        ended_at=now,
        by_name=claimed.by.name,
        counts=claimed.counts,
        problem=None if problem is None else told(problem),
    )
