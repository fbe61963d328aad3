"""The timeline of a customer, and what the customer agreed to."""

from datetime import datetime

from sqlalchemy import func, select, tuple_

from loyalty.customers.models import ConsentEvent, TimelineRow
from loyalty.customers.queries.views import TimelineItem
from loyalty.customers.rules import TIMELINE_GROUPS, ConsentGiven, folded_consents
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.kernel.paging import Page, decode_cursor, encode_cursor

MOST_COUNTED = 1000


def timeline(
    customer_id: int,
    *,
    group: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[TimelineItem]:
    """Return what happened, the latest first; of one group of `TIMELINE_GROUPS` where given."""
    query = select(
        TimelineRow.id,
        TimelineRow.at,
        TimelineRow.kind,
        TimelineRow.sentence,
        TimelineRow.numbers,
        TimelineRow.by_name,
        TimelineRow.source_kind,
        TimelineRow.source_id,
    ).where(TimelineRow.customer_id == customer_id)
    if group is not None:
        if group not in TIMELINE_GROUPS:
            raise Malformed({"show": ["Choose one of the kinds above the timeline."]})
        query = query.where(TimelineRow.kind.in_(TIMELINE_GROUPS[group]))
    if cursor:
        at, row_id = decode_cursor(cursor, (datetime.fromisoformat, int))
        query = query.where(tuple_(TimelineRow.at, TimelineRow.id) < tuple_(at, row_id))
    rows = list(db.session.execute(query.order_by(TimelineRow.at.desc(), TimelineRow.id.desc()).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page([TimelineItem(*row) for row in rows[:limit]], encode_cursor([last.at, last.id]) if last else None)


def timeline_length(customer_id: int) -> int:
    """Return how many rows the timeline has, counted no further than 1,000."""
    some = select(TimelineRow.id).where(TimelineRow.customer_id == customer_id).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def consent_events(customer_id: int) -> list[ConsentGiven]:
    """Return every consent event, the oldest first."""
    rows = db.session.execute(
        select(
            ConsentEvent.purpose,
            ConsentEvent.channel,
            ConsentEvent.granted,
            ConsentEvent.at,
            ConsentEvent.text_version,
            ConsentEvent.proof,
            ConsentEvent.by_name,
        )
        .where(ConsentEvent.customer_id == customer_id)
        .order_by(ConsentEvent.at, ConsentEvent.id),
    )
    return [ConsentGiven(*row) for row in rows]


def consents(customer_id: int) -> dict[tuple[str, str], ConsentGiven]:
    """Return the latest event of each purpose and channel."""
    return folded_consents(consent_events(customer_id))
