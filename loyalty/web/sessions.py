"""The session of a request: the cookie holds a random id, the table its hash and all the rest (`kernel.sessions`).

Staff and owners have a cookie each, since one person may be both. Programs (`/api`) have none. A session of which
something does not open any more, since its key was taken out, has ended, and its person is told.
"""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_babel import gettext
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import CallbackDict

from loyalty.kernel.crypto import BrokenSeal, new_token, token_hash
from loyalty.kernel.db import db, run, transaction
from loyalty.kernel.sessions import (
    GUEST_LONGEST,
    OWNER_LONGEST,
    STAFF_IDLE,
    STAFF_LONGEST,
    open_told,
    seal_told,
)
from loyalty.web.deadlines import database_is_away, is_database_away
from loyalty.web.notices import notify
from loyalty.web.requests import remote_address, request_now

logger = logging.getLogger(__name__)

SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is written down
LONGEST_AGENT = 200
TOLD = ("kept_form", "_flashes")  # what was typed into a form that waits, and Flask's notices: both name people


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
        self.unreadable = False  # that session held what does not open any more
        self.created_at: datetime | None = None
        self.seen_at: datetime | None = None
        self.proved_at: datetime | None = None
        self.proof: str | None = None
        self.new = data is None
        self.modified = False
        self.accessed = True

    def renew(self, kind: str, subject_id: int | None) -> None:
        """Become a session of that kind and person under a new id; the old id ends."""
        if self.token is not None:
            self.stale = token_hash(self.token)
        self.token, self.kind, self.subject_id, self.created_at = None, kind, subject_id, None
        self.proved_at, self.proof = None, None
        self.modified = True


def _note_change(changed: CallbackDict[str, Any]) -> None:
    if isinstance(changed, ServerSession):
        changed.modified = True


def sign_in(kind: str, subject_id: int, *, proof: str) -> None:
    """Make the session of this request that of a person, under a new id; `proof` is "password" or "code"."""
    _current().renew(kind, subject_id)
    prove(proof)


def renew_id() -> None:
    """Go on with what the session holds under a new id: whoever knew the one before knows nothing of what follows."""
    current = _current()
    current.renew(current.kind, current.subject_id)


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


def prove(proof: str) -> None:
    """Note that the person of this session has just proved who they are, by "password" or "code"."""
    current = _current()
    current.proved_at, current.proof = request_now(), proof
    current.modified = True


def proved_at() -> datetime | None:
    """Return when the person of this session last proved who they are, or None."""
    return _current().proved_at


def proof() -> str | None:
    """Return by what the person of this session proved who they are: "password", "code", or None."""
    return _current().proof


def own_id() -> str | None:
    """Return the id by which lists name the session of this request, or None when it is not kept yet."""
    token = _current().token
    return token_hash(token).hex() if token else None


def _current() -> ServerSession:
    current = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's own way
    assert isinstance(current, ServerSession)  # noqa: S101 - init_app sets the interface
    return current


def _ran_out(row: Any, now: datetime) -> bool:
    if row.kind == "staff":
        return bool(row.seen_at < now - STAFF_IDLE or row.created_at < now - STAFF_LONGEST)
    longest = OWNER_LONGEST if row.kind == "owner" else GUEST_LONGEST
    return bool(row.created_at < now - longest)


def _opened(row: Any, token: str) -> ServerSession:
    """Return the session of a row, or a new one when what was told in it does not open any more."""
    id_hash = token_hash(token)
    try:
        told = open_told(id_hash, row.sealed)
    except BrokenSeal as problem:
        logger.warning("A session has ended, since what was told in it cannot be opened: %s", problem)
        fresh = _ended(row)
        fresh.stale, fresh.unreadable = id_hash, True
        return fresh
    opened = ServerSession(row.data | told, kind=row.kind)
    opened.token, opened.subject_id = token, row.subject_id
    opened.created_at, opened.seen_at = row.created_at, row.seen_at
    opened.proved_at, opened.proof = row.proved_at, row.proof
    return opened


def _ended(row: Any) -> ServerSession:
    """Return a new session that knows whose the one before was."""
    fresh = ServerSession()
    fresh.former = (row.kind, row.subject_id)
    return fresh


_READ = text("""
    SELECT kind, subject_id, data, sealed, created_at, seen_at, proved_at, proof FROM web_sessions
    WHERE id_hash = :id_hash
""")
_WRITE = text("""
    INSERT INTO web_sessions
        (id_hash, kind, subject_id, agent, address, created_at, data, sealed, seen_at, proved_at, proof)
    VALUES
        (:id_hash, :kind, :subject_id, :agent, :address, :created_at, CAST(:data AS jsonb), :sealed,
        :seen_at, :proved_at, :proof)
""")
_TOUCH = text("""
    UPDATE web_sessions
    SET data = CAST(:data AS jsonb), sealed = :sealed, seen_at = :seen_at, proved_at = :proved_at, proof = :proof
    WHERE id_hash = :id_hash
""")


def _written(session: ServerSession, token: str, now: datetime) -> dict[str, Any]:
    id_hash = token_hash(token)
    return {
        "id_hash": id_hash,
        "data": json.dumps({name: value for name, value in session.items() if name not in TOLD}),
        "sealed": seal_told(id_hash, {name: session[name] for name in TOLD if name in session}),
        "seen_at": now,
        "proved_at": session.proved_at,
        "proof": session.proof,
    }


def _to_be_written(session: ServerSession, now: datetime) -> bool:
    """Return whether the session changed, or was last seen a while ago; most requests leave it as it is."""
    if session.stale is not None:
        return True
    if session.token is None:
        return bool(session) or session.kind != "guest"
    return session.modified or session.seen_at is None or now - session.seen_at >= SEEN_EVERY


def init_app(app: Flask) -> None:
    """Keep sessions in the table; call it before whatever refuses requests, so that its notice comes first."""
    app.session_interface = TableSessions()
    app.before_request(_tell_of_the_unreadable)


def _tell_of_the_unreadable() -> None:
    if _current().unreadable:
        notify(gettext("What this browser had kept can no longer be read. Please sign in again."), tone="due")


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
        try:
            rows = run(_READ, {"id_hash": token_hash(token)})
        except (OperationalError, PoolTimeout):
            db.session.rollback()
            database_is_away()  # the request is refused for it before its view
            return ServerSession(kept=False)
        if not rows:
            return ServerSession()
        return (
            _ended(rows[0]) if _ran_out(rows[0], current_app.extensions["loyalty.clock"]()) else _opened(rows[0], token)
        )

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session when it changed or was last seen a while ago; an empty new one is not kept."""
        if not isinstance(session, ServerSession) or not session.kept or is_database_away():
            return
        now = request_now()
        if not _to_be_written(session, now):
            return
        with transaction() as opened:
            if session.stale is not None:
                opened.execute(text("DELETE FROM web_sessions WHERE id_hash = :stale"), {"stale": session.stale})
            if session.token is not None:
                opened.execute(_TOUCH, _written(session, session.token, now))
            elif session or session.kind != "guest":
                self._start(app, session, response, now)

    def _start(self, app: Flask, session: ServerSession, response: Response, now: datetime) -> None:
        session.token = new_token()
        db.session.execute(
            _WRITE,
            {
                "kind": session.kind,
                "subject_id": session.subject_id,
                **_written(session, session.token, now),
                "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
                "address": remote_address(),
                "created_at": now,
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
