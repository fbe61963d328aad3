"""What came over links: events and readings, what they came to, and what was rejected."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from loyalty.kernel.crypto import BrokenSeal, unseal
from loyalty.kernel.db import db
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor
from loyalty.links.models import Link, LinkEvent, LinkPull, LinkReject, LinkRun, LinkSale
from loyalty.links.queries.views import Passage, RejectView, Standing
from loyalty.links.rules import UnknownReject

RECENT = timedelta(days=7)

_COUNTS = text("""
    SELECT said.link_id, said.state, sum(said.number)::bigint AS number
    FROM (
        SELECT link_id, counted.key AS state, counted.value::bigint AS number
        FROM link_events CROSS JOIN LATERAL jsonb_each_text(counts) AS counted
        WHERE link_id = ANY(:links) AND received_at >= :since
        UNION ALL
        SELECT link_id, counted.key, counted.value::bigint
        FROM link_runs CROSS JOIN LATERAL jsonb_each_text(counts) AS counted
        WHERE link_id = ANY(:links) AND started_at >= :since
    ) AS said
    GROUP BY said.link_id, said.state
""")

# The numbers of a link that the view should still have, a page at a time.
_EXPECTED = text("""
    SELECT day, number FROM link_sales
    WHERE link_id = :link_id AND day >= :from_day AND cancelled_at IS NULL
        AND (day, number) > (CAST(:after_day AS date), CAST(:after_number AS text))
    ORDER BY day, number LIMIT :limit
""")


def standings(link_ids: Collection[int], now: datetime) -> dict[int, Standing]:
    """Return what each of the links came to in the last 7 days, and what waits; a few statements for all of them."""
    ids = sorted(link_ids)
    counts: dict[int, Counter[str]] = {link_id: Counter() for link_id in ids}
    for row in db.session.execute(_COUNTS, {"links": ids, "since": now - RECENT}):
        counts[row.link_id][row.state] += row.number
    open_rejects = select(LinkReject.link_id, func.count()).where(LinkReject.state == "open")
    rejects = _by_link(open_rejects.where(LinkReject.link_id.in_(ids)).group_by(LinkReject.link_id))
    waits = select(LinkEvent.link_id, func.count()).where(LinkEvent.state != "done")
    waiting = _by_link(waits.where(LinkEvent.link_id.in_(ids)).group_by(LinkEvent.link_id))
    seen = _seen(ids)
    return {
        link_id: Standing(seen.get(link_id), counts[link_id], rejects.get(link_id, 0), waiting.get(link_id, 0))
        for link_id in ids
    }


def _by_link(statement: Any) -> dict[int, Any]:
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _seen(ids: Sequence[int]) -> dict[int, datetime]:
    last = (
        select(LinkEvent.received_at)
        .where(LinkEvent.link_id == Link.id)
        .order_by(LinkEvent.received_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = (
        select(Link.id, func.coalesce(LinkPull.seen_at, last).label("seen_at"))
        .outerjoin(LinkPull, LinkPull.link_id == Link.id)
        .where(Link.id.in_(ids))
    )
    return {row.id: row.seen_at for row in db.session.execute(chosen) if row.seen_at}


def latest_passages(link_id: int, kind: str, limit: int = 20) -> list[Passage]:
    """Return the latest events of a webhook, or the latest readings of a pull that brought something."""
    if kind == "webhook":
        events = (
            select(LinkEvent.received_at, LinkEvent.event_id, LinkEvent.state, LinkEvent.counts)
            .where(LinkEvent.link_id == link_id)
            .order_by(LinkEvent.received_at.desc(), LinkEvent.id.desc())
            .limit(limit)
        )
        return [Passage(*row) for row in db.session.execute(events)]
    runs = select(LinkRun).where(LinkRun.link_id == link_id).order_by(LinkRun.id.desc()).limit(limit)
    return [
        Passage(run.started_at, run.by_name, "failed" if run.problem else "done", run.counts, run.problem)
        for run in db.session.scalars(runs)
    ]


def rejects_page(link_id: int, *, limit: int, cursor: str | None = None) -> Page[RejectView]:
    """Return what of a link is rejected and not settled, the latest first."""
    chosen = select(LinkReject).where(LinkReject.link_id == link_id, LinkReject.state == "open")
    if cursor:
        at, reject_id = decode_cursor(cursor, (datetime.fromisoformat, UUID))
        chosen = chosen.where((LinkReject.last_at < at) | ((LinkReject.last_at == at) & (LinkReject.id < reject_id)))
    order = chosen.order_by(LinkReject.last_at.desc(), LinkReject.id.desc()).limit(limit + 1)
    rows = [reject_view(row) for row in db.session.scalars(order)]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], encode_cursor([last.last_at, str(last.id)]) if last else None)


def open_rejects(link_id: int, *, limit: int, reject_id: UUID | None = None) -> list[RejectView]:
    """Return rejected things of a link, the oldest first, or the one asked for; UnknownReject when that is settled."""
    chosen = select(LinkReject).where(LinkReject.link_id == link_id, LinkReject.state == "open")
    if reject_id is not None:
        chosen = chosen.where(LinkReject.id == reject_id)
    rows = [reject_view(row) for row in db.session.scalars(chosen.order_by(LinkReject.last_at).limit(limit))]
    if reject_id is not None and not rows:
        raise UnknownReject
    return rows


def reject_view(row: LinkReject) -> RejectView:
    """Return a rejected thing, unsealed; one that does not open says so, and has no content."""
    try:
        body: Mapping[str, Any] = json.loads(unseal(bytes(row.sealed), place=reject_place(row.id)))
    except BrokenSeal as problem:
        body = {"flaws": [{"field": None, "sentence": problem.sentence, "numbers": {}}], "content": {}}
    flaws = tuple(body["flaws"])
    return RejectView(row.id, row.kind, row.key, row.tries, row.first_at, row.last_at, flaws, body["content"])


def reject_place(reject_id: UUID) -> str:
    """Return the place for which what was rejected is sealed."""
    return f"link_rejects.sealed:{reject_id}"


def event_place(link_id: int, event_id: str) -> str:
    """Return the place for which the body of an event is sealed."""
    return f"link_events.body_sealed:{link_id}:{event_id}"


def answer_place(link_id: int, event_id: str) -> str:
    """Return the place for which the answer to an event is sealed."""
    return f"link_events.answer_sealed:{link_id}:{event_id}"


def events_due(limit: int = 100) -> list[int]:
    """Return the ids of kept events that are to be worked on now, the oldest first; those of paused links wait."""
    statement = (
        select(LinkEvent.id)
        .join(Link, Link.id == LinkEvent.link_id)
        .where(LinkEvent.state == "due", ~Link.paused, LinkEvent.due_at <= func.clock_timestamp())
        .order_by(LinkEvent.due_at, LinkEvent.id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def expected_numbers(link_id: int, from_day: date, *, after: tuple[date, str], limit: int) -> list[tuple[date, str]]:
    """Return (day, number) of the sales from `from_day` on that a link told and did not cancel, behind `after`."""
    values = {"link_id": link_id, "from_day": from_day, "after_day": after[0], "after_number": after[1]}
    return [(row.day, row.number) for row in db.session.execute(_EXPECTED, {**values, "limit": limit})]


def event_row(link_id: int, event_id: str) -> LinkEvent:
    """Return a kept event as its row stands now."""
    chosen = select(LinkEvent).where(LinkEvent.link_id == link_id, LinkEvent.event_id == event_id)
    return db.session.scalars(chosen.execution_options(populate_existing=True)).one()


def cancelled_numbers(link_id: int, numbers: Sequence[str]) -> set[str]:
    """Return which of these sales the link has told to be struck out."""
    chosen = select(LinkSale.number).where(
        LinkSale.link_id == link_id, LinkSale.number.in_(numbers), LinkSale.cancelled_at.isnot(None)
    )
    return set(db.session.scalars(chosen)) if numbers else set()


def missing_numbers(link_id: int, *, limit: int) -> list[str]:
    """Return sales that the last comparison did not find and that nobody has cancelled yet."""
    missing = (LinkSale.missing_since.isnot(None), LinkSale.cancelled_at.is_(None))
    chosen = select(LinkSale.number).where(LinkSale.link_id == link_id, *missing).order_by(LinkSale.number)
    return list(db.session.scalars(chosen.limit(limit)))


def lock_pull(link_id: int) -> LinkPull:
    """Return how far a pull is, locked until the transaction ends."""
    return db.session.get_one(LinkPull, link_id, with_for_update=True, populate_existing=True)
