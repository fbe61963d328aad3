"""Sessions kept on the server: the cookie holds a random id, the table its hash and all the rest.

So signing out, a changed password and a disabled account end sessions at once. Staff and owners have a cookie each,
since one person may be both. Programs (`/api`) have none.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import CallbackDict

from loyalty.kernel.crypto import new_token, token_hash
from loyalty.kernel.db import Base, db, transaction
from loyalty.web.requests import remote_address, request_now

STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
OWNER_LONGEST = timedelta(days=30)
GUEST_LONGEST = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is written down
LONGEST_AGENT = 200


class WebSession(Base):
    """One session of a browser; `subject_id` is an account (staff) or a customer (owner)."""

    __tablename__ = "web_sessions"
    __table_args__ = (
        CheckConstraint("kind IN ('guest', 'staff', 'owner')", name="kind"),
        Index("ix_web_sessions_kind_subject_id", "kind", "subject_id"),
        Index("ix_web_sessions_seen_at", "seen_at"),
    )

    id_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    agent: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of one request: a dict that knows its id, its kind and whether it changed."""

    def __init__(self, data: dict[str, Any] | None = None, *, kind: str = "guest", kept: bool = True) -> None:
        super().__init__(data or {}, _note_change)
        self.kind = kind
        self.kept = kept
        self.subject_id: int | None = None
        self.token: str | None = None
        self.stale: bytes | None = None
        self.former: tuple[str, int | None] | None = None  # whose session it was until it ran out
        self.created_at: datetime | None = None
        self.seen_at: datetime | None = None
        self.new = data is None
        self.modified = False
        self.accessed = True

    def renew(self, kind: str, subject_id: int | None) -> None:
        """Become a session of that kind and person under a new id; the old id ends."""
        if self.token is not None:
            self.stale = token_hash(self.token)
        self.token, self.kind, self.subject_id, self.created_at = None, kind, subject_id, None
        self.modified = True


def _note_change(changed: CallbackDict[str, Any]) -> None:
    if isinstance(changed, ServerSession):
        changed.modified = True


def sign_in(kind: str, subject_id: int) -> None:
    """Make the session of this request that of a person, under a new id."""
    _current().renew(kind, subject_id)


def sign_out() -> None:
    """End the session of this request; what was said in it is forgotten."""
    current = _current()
    current.clear()
    current.renew("guest", None)


def subject(kind: str) -> int | None:
    """Return whose session this is, when it is one of that kind."""
    current = _current()
    return current.subject_id if current.kind == kind else None


def former() -> tuple[str, int | None] | None:
    """Return kind and person of the session that this browser had until it ran out, or None."""
    return _current().former


def present() -> tuple[str, int | None]:
    """Return kind and person of the session of this request."""
    return _current().kind, _current().subject_id


def end_all(kind: str, subject_id: int) -> int:
    """End every session of that person at once; return how many there were."""
    with transaction() as opened:
        ended = opened.execute(
            text("DELETE FROM web_sessions WHERE kind = :kind AND subject_id = :subject RETURNING 1"),
            {"kind": kind, "subject": subject_id},
        )
        return len(ended.all())


_RAN_OUT = """
    web_sessions
    WHERE (kind = 'staff' AND (seen_at < :idle OR created_at < :staff))
       OR (kind = 'owner' AND created_at < :owner) OR (kind = 'guest' AND seen_at < :guest)
"""
_COUNT_RAN_OUT = text(f"SELECT count(*) FROM {_RAN_OUT}")  # noqa: S608 - our own text
_DELETE_RAN_OUT = text(f"WITH gone AS (DELETE FROM {_RAN_OUT} RETURNING 1) SELECT count(*) FROM gone")  # noqa: S608


def sweep(now: datetime, *, dry_run: bool = False) -> int:
    """Delete the sessions that ran out by `now`, or with `dry_run` only count them; return how many."""
    bounds = {
        "idle": now - STAFF_IDLE,
        "staff": now - STAFF_LONGEST,
        "owner": now - OWNER_LONGEST,
        "guest": now - GUEST_LONGEST,
    }
    with transaction() as opened:
        return int(opened.execute(_COUNT_RAN_OUT if dry_run else _DELETE_RAN_OUT, bounds).scalar_one())


def _current() -> ServerSession:
    current = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's own way
    assert isinstance(current, ServerSession)  # noqa: S101 - init_app sets the interface
    return current


def _ran_out(row: Any, now: datetime) -> bool:
    if row.kind == "staff":
        return bool(row.seen_at < now - STAFF_IDLE or row.created_at < now - STAFF_LONGEST)
    longest = OWNER_LONGEST if row.kind == "owner" else GUEST_LONGEST
    return bool(row.created_at < now - longest)


_READ = text("SELECT kind, subject_id, data, created_at, seen_at FROM web_sessions WHERE id_hash = :id_hash")
_WRITE = text("""
    INSERT INTO web_sessions (id_hash, kind, subject_id, data, agent, address, created_at, seen_at)
    VALUES (:id_hash, :kind, :subject_id, CAST(:data AS jsonb), :agent, :address, :created_at, :seen_at)
    ON CONFLICT (id_hash) DO UPDATE SET data = excluded.data, seen_at = excluded.seen_at
""")
_TOUCH = text("UPDATE web_sessions SET data = CAST(:data AS jsonb), seen_at = :seen_at WHERE id_hash = :id_hash")


class TableSessions(SessionInterface):
    """Sessions in `web_sessions`."""

    def cookie(self, app: Flask, path: str) -> str:
        """Return the name of the cookie for that path: owners have their own."""
        name = "owner" if path == "/my" or path.startswith("/my/") else "staff"
        return f"__Host-{name}" if app.config["SESSION_COOKIE_SECURE"] else f"loyalty-{name}"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session that the cookie names, or an empty one."""
        if request.path.startswith(("/api/", "/static/", "/healthz")):
            return ServerSession(kept=False)
        token = request.cookies.get(self.cookie(app, request.path))
        if not token:
            return ServerSession()
        row = db.session.execute(_READ, {"id_hash": token_hash(token)}).one_or_none()
        if row is None:
            return ServerSession()
        if _ran_out(row, current_app.extensions["loyalty.clock"]()):
            fresh = ServerSession()
            fresh.former = (row.kind, row.subject_id)
            return fresh
        opened = ServerSession(row.data, kind=row.kind)
        opened.token, opened.subject_id = token, row.subject_id
        opened.created_at, opened.seen_at = row.created_at, row.seen_at
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session when it changed or was last seen a while ago; an empty new one is not kept."""
        if not isinstance(session, ServerSession) or not session.kept:
            return
        now = request_now()
        with transaction() as opened:
            if session.stale is not None:
                opened.execute(text("DELETE FROM web_sessions WHERE id_hash = :stale"), {"stale": session.stale})
            if session.token is None:
                if session or session.kind != "guest":
                    self._start(app, session, response, now)
            elif session.modified or session.seen_at is None or now - session.seen_at >= SEEN_EVERY:
                opened.execute(
                    _TOUCH, {"id_hash": token_hash(session.token), "data": json.dumps(dict(session)), "seen_at": now}
                )

    def _start(self, app: Flask, session: ServerSession, response: Response, now: datetime) -> None:
        session.token = new_token()
        db.session.execute(
            _WRITE,
            {
                "id_hash": token_hash(session.token),
                "kind": session.kind,
                "subject_id": session.subject_id,
                "data": json.dumps(dict(session)),
                "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
                "address": remote_address(),
                "created_at": now,
                "seen_at": now,
            },
        )
        response.set_cookie(
            self.cookie(app, request.path),
            session.token,
            max_age=int(OWNER_LONGEST.total_seconds()) if session.kind == "owner" else None,
            secure=app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
            path="/",
        )
