"""Events that a webhook brings: kept first, then worked on, and answered the same however often they come.

`due_at` of an event is also the lease of whoever works on it: when that one dies, the event is simply due again.
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import seal, unseal
from loyalty.kernel.db import db, transaction
from loyalty.links import queries
from loyalty.links.models import LinkEvent
from loyalty.links.outlets import event_reader
from loyalty.links.queries import LinkView
from loyalty.links.rules import EventInFlight, EventReused, Taken
from loyalty.links.service.taking import counts_of, take
from loyalty.sales.rules import effect_row
from loyalty.staff.service import AuditEntry, record_audit

logger = logging.getLogger(__name__)

FIRST_LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 10
KEPT_DAYS = timedelta(days=90)

# Whoever comes first keeps the event and works on it; one for a paused link is kept and waits.
_KEEP = text("""
    INSERT INTO link_events (link_id, event_id, body_hash, body_sealed, received_at, state, due_at, attempts)
    VALUES (:link_id, :event_id, :body_hash, :body_sealed, :now, 'due',
        clock_timestamp() + CASE WHEN :paused THEN interval '0' ELSE CAST(:lease AS interval) END,
        CASE WHEN :paused THEN 0 ELSE 1 END)
    ON CONFLICT (link_id, event_id) DO NOTHING
    RETURNING id
""")
_CLAIM = text("""
    UPDATE link_events AS event SET attempts = attempts + 1,
        due_at = clock_timestamp() + least(CAST(:lease AS interval) * power(2, attempts), interval '1 hour'),
        state = CASE WHEN attempts >= :most THEN 'stuck' ELSE 'due' END
    FROM links AS link
    WHERE event.id = :event_row AND link.id = event.link_id AND NOT link.paused
        AND event.state = 'due' AND event.due_at <= clock_timestamp()
    RETURNING event.state
""")


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to an event: `done` with what became of each item, or `waiting` until the link goes on.

    Items have kind, place, number, state, effects (as `effect_row` writes them) and flaws.
    """

    event_id: str
    state: str
    repeated: bool
    counts: Mapping[str, int]
    items: Sequence[Mapping[str, Any]]


def receive(link: LinkView, event_id: str, raw: bytes, *, now: datetime) -> Received:
    """Keep a signed event and work on it; the same event again gets its first answer.

    Refused: EventReused with another body, EventInFlight while it is worked on. When something goes wrong here, the
    event is kept all the same and worked on later: the answer is then `waiting`.
    """
    place = queries.event_place(link.id, event_id)
    values = {
        "link_id": link.id,
        "event_id": event_id,
        "body_hash": hashlib.sha256(raw).digest(),
        "body_sealed": seal(raw.decode(), place=place),
        "now": now,
        "paused": link.paused,
        "lease": FIRST_LEASE,
    }
    with transaction() as session:
        mine = session.execute(_KEEP, values).scalar_one_or_none()
    event = _event(link.id, event_id)
    if bytes(event.body_hash) != values["body_hash"]:
        raise EventReused(event=event_id)
    if mine is None:
        return _again(link, event, now=now)
    if link.paused:
        return Received(event_id, "waiting", repeated=False, counts={}, items=())
    try:
        return _work(link, event, now=now)
    except OperationalError:
        logger.warning("Event %s of link %s waits: the database did not let it through", event_id, link.code)
        return Received(event_id, "waiting", repeated=False, counts={}, items=())


def _again(link: LinkView, event: LinkEvent, *, now: datetime) -> Received:
    if event.state == "done":
        return _answer(event, repeated=True)
    if link.paused or event.state == "stuck":
        return Received(event.event_id, "waiting", repeated=True, counts={}, items=())
    if not _claim(event.id):
        raise EventInFlight(event=event.event_id)
    return _work(link, event, now=now)


def work_on(event_row: int, *, now: datetime) -> None:
    """Work on a kept event that is due; run twice, it has one effect."""
    if not _claim(event_row):
        return
    with transaction() as session:
        event = session.get_one(LinkEvent, event_row, populate_existing=True)
    if event.state != "done":  # whoever worked on it before came through after all
        _work(queries.link_by_id(event.link_id), event, now=now)


def try_again(link: LinkView, *, now: datetime, by: Actor) -> int:
    """Let the events of a link that were given up be due again; return how many."""
    with transaction() as session:
        stuck = update(LinkEvent).where(LinkEvent.link_id == link.id, LinkEvent.state == "stuck")
        due = stuck.values(state="due", attempts=0, due_at=func.clock_timestamp()).returning(LinkEvent.id)
        count = len(session.scalars(due).all())
        if count:
            record_audit([AuditEntry("link.events_retried", "link", link.id, by, now, after={"events": count})])
        return count


def forget_answers(now: datetime, *, dry_run: bool) -> int:
    """Drop the answers of events that are done for long: their ids and hashes stay; return how many."""
    old = (LinkEvent.state == "done", LinkEvent.received_at < now - KEPT_DAYS, LinkEvent.answer_sealed.isnot(None))
    with transaction() as session:
        if dry_run:
            return session.scalar(select(func.count()).select_from(LinkEvent).where(*old)) or 0
        gone = update(LinkEvent).where(*old).values(answer_sealed=None).returning(LinkEvent.id)
        return len(session.scalars(gone).all())


def _event(link_id: int, event_id: str) -> LinkEvent:
    return queries.event_row(link_id, event_id)


def _claim(event_row: int) -> bool:
    with transaction() as session:
        values = {"event_row": event_row, "lease": FIRST_LEASE, "most": MOST_ATTEMPTS}
        return session.execute(_CLAIM, values).scalar_one_or_none() == "due"


def _work(link: LinkView, event: LinkEvent, *, now: datetime) -> Received:
    place = queries.event_place(link.id, event.event_id)
    body = json.loads(unseal(bytes(event.body_sealed or b""), place=place))
    items = event_reader()(body, link.source)

    def answered(taken: list[Taken]) -> None:
        told = [_told(one) for one in taken]
        place = queries.answer_place(event.link_id, event.event_id)
        sealed = seal(json.dumps(told, ensure_ascii=False, default=str), place=place)
        done = {"state": "done", "counts": counts_of(taken), "answer_sealed": sealed, "done_at": now}
        done["body_sealed"] = None  # what it told is in its sales by now, and what was not taken is kept by itself
        db.session.execute(update(LinkEvent).where(LinkEvent.id == event.id).values(**done))

    taken = take(link, items, now=now, also=answered)
    return Received(
        event.event_id, "done", repeated=False, counts=counts_of(taken), items=[_told(one) for one in taken]
    )


def _told(one: Taken) -> dict[str, Any]:
    return {
        "kind": one.item.kind,
        "place": one.item.place,
        "number": one.item.number,
        "state": one.state,
        "effects": [effect_row(effect) for effect in one.effects],
        "flaws": [{name: value for name, value in each.items() if name != "value"} for each in one.flaws],
    }


def _answer(event: LinkEvent, *, repeated: bool) -> Received:
    sealed = event.answer_sealed
    place = queries.answer_place(event.link_id, event.event_id)
    items = json.loads(unseal(bytes(sealed), place=place)) if sealed else []
    return Received(event.event_id, "done", repeated=repeated, counts=event.counts, items=items)
