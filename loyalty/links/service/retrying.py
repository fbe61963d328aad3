"""What was rejected, tried again as it was kept: after a store was opened here, or a rule was changed."""

from datetime import datetime
from uuid import UUID

from loyalty.kernel.actor import Actor
from loyalty.kernel.db import transaction
from loyalty.links import queries
from loyalty.links.outlets import event_reader
from loyalty.links.queries import LinkView, RejectView
from loyalty.links.rules import Item
from loyalty.links.rules.rows import kept_rows
from loyalty.links.service.taking import counts_of, take
from loyalty.staff.service import AuditEntry, record_audit

MOST_AT_ONCE = 500


def retry_rejects(link: LinkView, *, reject_id: UUID | None = None, now: datetime, by: Actor) -> dict[str, int]:
    """Try one rejected thing again, or up to 500 of them; return how many came to which state.

    What does not open stays as it is. Refused: UnknownReject when the one asked for is settled.
    """
    told = queries.open_rejects(link.id, limit=MOST_AT_ONCE, reject_id=reject_id)
    rejects = [reject for reject in told if reject.content]
    items = [item for reject in rejects for item in _items(link, reject)]
    if not items:
        return {}
    counts = counts_of(take(link, items, now=now))
    with transaction():
        record_audit([AuditEntry("link.rejects_retried", "link", link.id, by, now, after=counts)])
    return counts


def _items(link: LinkView, reject: RejectView) -> list[Item]:
    content = reject.content
    if "rows" in content and link.pull is not None:
        return kept_rows(link.pull.plan, content)
    return event_reader()({content["list"]: [content["item"]]}, link.source)
