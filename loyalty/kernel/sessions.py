"""Who is signed in on which browser: the table of sessions, so that services end them in their own transaction.

The cookie holds a random id, the table its hash and all the rest (see `web.sessions`). So signing out, another password
and a disabled account end sessions at once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index, RowMapping, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.kernel.crypto import BrokenSeal, seal, unseal
from loyalty.kernel.db import Base, db, transaction

STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
OWNER_LONGEST = timedelta(days=30)
GUEST_LONGEST = timedelta(days=1)


class WebSession(Base):
    """One session of a browser; `subject_id` is an account (staff) or a customer (owner).

    `data` is what names nobody, `sealed` what was typed into a form that waits or told (see `seal_told`).
    `proved_at` is when the person last proved who they are in this session, and `proof` by what.
    """

    __tablename__ = "web_sessions"
    __table_args__ = (
        CheckConstraint("kind IN ('guest', 'staff', 'owner')", name="kind"),
        CheckConstraint("proof IN ('password', 'code')", name="proof"),
        Index("ix_web_sessions_kind_subject_id", "kind", "subject_id"),
        Index("ix_web_sessions_seen_at", "seen_at"),
    )

    id_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    agent: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    proof: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its person sees it; `id` is the hash of what the cookie holds, and opens nothing."""

    id: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime


# What ran out; the page that asks for a session applies the same bounds (`web.sessions`).
_RAN_OUT = """
    (kind = 'staff' AND (seen_at < :idle OR created_at < :staff))
       OR (kind = 'owner' AND created_at < :owner) OR (kind = 'guest' AND seen_at < :guest)
"""
_COUNT_RAN_OUT = text(f"SELECT count(*) FROM web_sessions WHERE {_RAN_OUT}")  # noqa: S608 - our own text
_DELETE_RAN_OUT = text(
    f"WITH gone AS (DELETE FROM web_sessions WHERE {_RAN_OUT} RETURNING 1) SELECT count(*) FROM gone"  # noqa: S608
)
_OPEN = text(f"""
    SELECT encode(id_hash, 'hex') AS id, agent, address, created_at, seen_at FROM web_sessions
    WHERE kind = :kind AND subject_id = :subject AND NOT ({_RAN_OUT}) ORDER BY seen_at DESC, id_hash
""")  # noqa: S608 - our own text
_END = text("""
    DELETE FROM web_sessions
    WHERE kind = :kind AND subject_id = :subject AND id_hash IS DISTINCT FROM decode(CAST(:kept AS text), 'hex')
    RETURNING 1
""")
_END_ONE = text("""
    DELETE FROM web_sessions WHERE kind = :kind AND subject_id = :subject AND encode(id_hash, 'hex') = :id RETURNING 1
""")
_TOLD = text("SELECT id_hash, sealed FROM web_sessions WHERE sealed IS NOT NULL")
_FORGET = text("UPDATE web_sessions SET sealed = NULL WHERE id_hash = ANY(:hashes) RETURNING 1")
SHORTEST_PART = 6


def open_sessions(kind: str, subject_id: int, *, now: datetime) -> Sequence[SessionRow]:
    """Return the sessions of that person that have not run out, the one used last first."""
    rows: Sequence[RowMapping] = (
        db.session.execute(_OPEN, {"kind": kind, "subject": subject_id, **_bounds(now)}).mappings().all()
    )
    return [SessionRow(**row) for row in rows]


def end_all(kind: str, subject_id: int, *, kept: str | None = None) -> int:
    """End every session of that person at once, but the one with the id `kept`; return how many there were."""
    with transaction() as session:
        ended = session.execute(_END, {"kind": kind, "subject": subject_id, "kept": kept})
        return len(ended.all())


def end_one(kind: str, subject_id: int, session_id: str) -> bool:
    """End one session of that person; return False when it has none of that id."""
    with transaction() as session:
        ended = session.execute(_END_ONE, {"kind": kind, "subject": subject_id, "id": session_id})
        return bool(ended.all())


def forget(traces: Sequence[str]) -> int:
    """Take what was typed or told out of the sessions that hold one of these texts; return how many did.

    All that is sealed is opened for it: few forms wait at a time, and each for half an hour at most. What does not open
    any more might hold them, and is taken out too.
    """
    with transaction() as session:
        told = session.execute(_TOLD).all() if traces else []
        found = [row.id_hash for row in told if _may_hold(row.id_hash, row.sealed, traces)]
        return len(session.execute(_FORGET, {"hashes": found}).all()) if found else 0


def _may_hold(id_hash: bytes, sealed: bytes, traces: Sequence[str]) -> bool:
    try:
        return _holds(open_told(id_hash, sealed), traces)
    except BrokenSeal:
        return True


def _holds(told: Any, traces: Sequence[str]) -> bool:
    if isinstance(told, str):
        return any(trace in told if len(trace) >= SHORTEST_PART else trace == told for trace in traces)
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return any(_holds(part, traces) for part in parts)


def seal_told(id_hash: bytes, told: dict[str, Any]) -> bytes | None:
    """Return what was typed or told in a session, sealed for it; None when it is nothing."""
    return seal(json.dumps(told), place=_place(id_hash)) if told else None


def open_told(id_hash: bytes, sealed: bytes | None) -> dict[str, Any]:
    """Return what was sealed for that session; BrokenSeal when its key was taken out."""
    opened: dict[str, Any] = json.loads(unseal(bytes(sealed), place=_place(id_hash))) if sealed else {}
    return opened


def _place(id_hash: bytes) -> str:
    return f"web_sessions.sealed:\\x{id_hash.hex()}"


def sweep(now: datetime, *, dry_run: bool = False) -> int:
    """Delete the sessions that ran out by `now`, or with `dry_run` only count them; return how many."""
    with transaction() as session:
        return int(session.execute(_COUNT_RAN_OUT if dry_run else _DELETE_RAN_OUT, _bounds(now)).scalar_one())


def _bounds(now: datetime) -> dict[str, datetime]:
    return {
        "idle": now - STAFF_IDLE,
        "staff": now - STAFF_LONGEST,
        "owner": now - OWNER_LONGEST,
        "guest": now - GUEST_LONGEST,
    }
