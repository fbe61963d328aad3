"""Adding to the audit chain, some rows at a time.

Rows become visible out of the order of their numbers: a transaction may draw number 7 and be committed after number 9.
So the chain follows the order in which rows are found, and each row is found once: all rows above `settled_id` are
looked through until nobody is left who could still commit one at or below it. Whoever may has drawn its number while it
held the trail's writing lock; once the writers of an earlier look are gone, the numbers drawn by then are either rows
or gaps for ever, and are settled when the rows among them are chained.
"""

from datetime import datetime

import structlog
from sqlalchemy import insert

from loyalty.kernel.db import transaction
from loyalty.staff.models import AuditChain, AuditLink
from loyalty.staff.queries import chain as reading
from loyalty.staff.rules.chain import Head, hash_after

BATCH = 5_000

log = structlog.get_logger()


def extend_chain(*, now: datetime, batch: int = BATCH) -> int:
    """Chain every row that waits, and return how many there were; two at once take turns and make one chain."""
    chained = 0
    while True:
        added, end = _extend(now, batch)
        chained += added
        if added < batch:
            break
    if chained:
        log.info("audit.chained", rows=chained, head=str(end))  # noted outside of the database, where nobody edits it
    return chained


def _extend(now: datetime, batch: int) -> tuple[int, Head]:
    """Chain the next rows in a transaction of their own."""
    with transaction() as session:
        state = reading.locked_chain()
        _settle(state)
        rows = reading.waiting(state.settled_id, batch)
        end, links = reading.head(), []
        for row in rows:
            linked = hash_after(end.hash, row)
            links.append({"seq": end.seq + 1, "audit_id": row["id"], "previous": end.hash, "hash": linked})
            end = Head(end.seq + 1, linked)
        if links:
            session.execute(insert(AuditLink), links)
        # All rows at or below this are chained now, and none can follow.
        state.settled_id = min(rows[-1]["id"], state.sure_id) if len(rows) == batch else state.sure_id
        state.chained_at = now
        return len(rows), end


def _settle(state: AuditChain) -> None:
    """Find out up to which number no row can appear any more; the order of the three looks matters."""
    drawn = reading.last_number()
    writing = reading.writers()
    if state.seen_id is not None and not set(state.seen_writers).intersection(writing):
        state.sure_id, state.seen_id = state.seen_id, None
    if not writing:
        state.sure_id, state.seen_id = drawn, None
    if state.seen_id is None and drawn > state.sure_id:
        state.seen_id, state.seen_writers = drawn, writing
