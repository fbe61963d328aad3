"""The audit chain: its end, the rows that wait for it, and whether it is whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from loyalty.kernel.db import db
from loyalty.staff.models import AuditChain, AuditLink, AuditRow
from loyalty.staff.rules.chain import GENESIS, Break, Head, Link, first_break, inserted, not_in_chain

CHUNK = 5_000
COLUMNS = tuple(column.name for column in AuditRow.__table__.columns)

_ROWS = ", ".join(f"a.{name}" for name in COLUMNS)
_WAITING = text(f"""
    SELECT {_ROWS} FROM audit_rows a
    WHERE a.id > :settled AND NOT EXISTS (SELECT FROM audit_links l WHERE l.audit_id = a.id)
    ORDER BY a.id LIMIT :limit
""")  # noqa: S608 - names of our own
_LINKS = text(f"""
    SELECT l.seq, l.audit_id, l.previous, l.hash, {_ROWS}
    FROM audit_links l LEFT JOIN audit_rows a ON a.id = l.audit_id
    WHERE l.seq > :after ORDER BY l.seq LIMIT :limit
""")  # noqa: S608 - names of our own
_INSERTED = text("""
    SELECT a.id, a.about_customer_id FROM audit_rows a CROSS JOIN audit_chain c
    WHERE a.id <= c.settled_id AND NOT EXISTS (SELECT FROM audit_links l WHERE l.audit_id = a.id)
    ORDER BY a.id LIMIT 1
""")
_COUNT_WAITING = text("""
    SELECT count(*) FROM audit_rows a CROSS JOIN audit_chain c
    WHERE a.id > c.settled_id AND NOT EXISTS (SELECT FROM audit_links l WHERE l.audit_id = a.id)
""")
_DUE = text("""
    SELECT 1 FROM audit_chain c
    WHERE coalesce(c.chained_at, '-infinity') < clock_timestamp() - interval '1 minute'
        AND EXISTS (
            SELECT FROM audit_rows a
            WHERE a.id > c.settled_id AND NOT EXISTS (SELECT FROM audit_links l WHERE l.audit_id = a.id)
        )
""")
# Whoever drew a number for a row of the trail holds this lock until its transaction ends.
_WRITERS = text("""
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'audit_rows'::regclass AND mode = 'RowExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
""")
_LAST_NUMBER = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_rows_id_seq")


@dataclass(frozen=True, slots=True)
class TrailState:
    """How the trail stands: links in its chain, rows that wait to be chained, its end, and what is broken."""

    links: int
    waiting: int
    head: Head
    breaks: list[Break]


def head() -> Head:
    """Return the last link; that of the genesis when there is none."""
    last = db.session.execute(select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)).first()
    return Head(last.seq, last.hash) if last else Head(0, GENESIS)


def locked_chain() -> AuditChain:
    """Return the state of the chain, locked and read again: one worker at a time adds to it."""
    fresh = select(AuditChain).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def last_number() -> int:
    """Return the last number that a row of the trail has drawn, be its transaction open, done or undone."""
    return int(db.session.execute(_LAST_NUMBER).scalar_one())


def writers() -> list[str]:
    """Return the open transactions that write to the trail, but ours."""
    return sorted(set(db.session.scalars(_WRITERS)))


def waiting(settled: int, limit: int) -> list[dict[str, Any]]:
    """Return rows above `settled` that are in no chain, in order of id."""
    return [dict(row) for row in db.session.execute(_WAITING, {"settled": settled, "limit": limit}).mappings()]


def chain_due() -> list[int]:
    """Return [1] when rows wait and nobody has chained for a minute, else nothing."""
    return list(db.session.scalars(_DUE))


def waiting_count() -> int:
    """Return how many rows wait to be chained."""
    return int(db.session.execute(_COUNT_WAITING).scalar_one())


def check_trail(noted: Head | None = None) -> TrailState:
    """Check the chain from its first link; `noted` is a head that somebody kept elsewhere."""
    end = head()
    breaks = [found for found in (_first_break(), _first_inserted(), _not_in_chain(noted)) if found is not None]
    return TrailState(links=end.seq, waiting=waiting_count(), head=end, breaks=breaks)


def _first_break() -> Break | None:
    return first_break(_links(), Head(0, GENESIS))


def _first_inserted() -> Break | None:
    row = db.session.execute(_INSERTED).first()
    return None if row is None else inserted(row.id, row.about_customer_id)


def _not_in_chain(noted: Head | None) -> Break | None:
    if noted is None:
        return None
    kept = db.session.scalar(select(AuditLink.hash).where(AuditLink.seq == noted.seq))
    return None if kept == noted.hash else not_in_chain(noted)


def _links() -> Iterator[Link]:
    """Give all links with their rows, a chunk at a time."""
    after = 0
    while chunk := db.session.execute(_LINKS, {"after": after, "limit": CHUNK}).mappings().all():
        for found in chunk:
            row = {name: found[name] for name in COLUMNS} if found["id"] is not None else None
            yield Link(found["seq"], found["audit_id"], found["previous"], found["hash"], row)
        after = chunk[-1]["seq"]
