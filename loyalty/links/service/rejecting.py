"""What was not taken: kept with its reasons until it is taken after all, or dismissed."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, tuple_, update

from loyalty.kernel.actor import Actor
from loyalty.kernel.crypto import seal
from loyalty.kernel.db import db, transaction
from loyalty.links import queries
from loyalty.links.models import LinkReject
from loyalty.links.queries import LinkView
from loyalty.links.rules import Taken
from loyalty.staff.service import AuditEntry, record_audit

KEPT = timedelta(days=90)


def keep_rejects(link: LinkView, taken: Sequence[Taken], *, now: datetime, by: Actor) -> None:
    """Keep what was rejected, once for each number, and settle what was rejected before and is taken now."""
    keys = sorted({(one.item.kind, one.item.key) for one in taken})
    if not keys:
        return
    chosen = (
        select(LinkReject)
        .where(
            LinkReject.link_id == link.id,
            LinkReject.state == "open",
            tuple_(LinkReject.kind, LinkReject.key).in_(keys),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    known = {(row.kind, row.key): row for row in db.session.scalars(chosen)}
    for one in taken:
        row = known.get((one.item.kind, one.item.key))
        if one.state == "rejected":
            if row is None:
                row = known[one.item.kind, one.item.key] = _new(link, one, now)
                db.session.add(row)
            row.sealed = _sealed(row.id, one)
            row.tries, row.last_at = row.tries + 1, now
        elif row is not None:
            row.state, row.settled_by = "taken", by.name
    db.session.flush()


def _new(link: LinkView, one: Taken, now: datetime) -> LinkReject:
    return LinkReject(
        id=uuid4(),
        link_id=link.id,
        kind=one.item.kind,
        key=one.item.key,
        state="open",
        tries=0,
        first_at=now,
        last_at=now,
    )


def _sealed(reject_id: UUID, one: Taken) -> bytes:
    body = {"flaws": [dict(each) for each in one.flaws], "content": dict(one.item.content)}
    return seal(json.dumps(body, ensure_ascii=False, default=str), place=queries.reject_place(reject_id))


def forget_settled(now: datetime, *, dry_run: bool) -> int:
    """Delete what was taken or set aside long ago; return how many."""
    settled = (LinkReject.state != "open", LinkReject.last_at < now - KEPT)
    with transaction() as session:
        if dry_run:
            return session.scalar(select(func.count()).select_from(LinkReject).where(*settled)) or 0
        return len(session.scalars(delete(LinkReject).where(*settled).returning(LinkReject.id)).all())


def dismiss_reject(link: LinkView, reject_id: UUID, *, now: datetime, by: Actor) -> None:
    """Take a rejected thing off the page for good; refused UnknownReject when it is settled already."""
    with transaction() as session:
        reject = queries.open_rejects(link.id, limit=1, reject_id=reject_id)[0]
        settled = {"state": "dismissed", "settled_by": by.name, "last_at": now}
        session.execute(update(LinkReject).where(LinkReject.id == reject_id).values(**settled))
        after = {"kind": reject.kind, "key": reject.key}
        record_audit([AuditEntry("link.reject_dismissed", "link", link.id, by, now, after=after)])
