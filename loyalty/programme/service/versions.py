"""Writing, reviewing and activating versions of the rules."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update

from loyalty.approvals import queries as approvals
from loyalty.approvals import service as second_person
from loyalty.approvals.queries import ApprovalView
from loyalty.approvals.rules import Asked
from loyalty.kernel.actor import EVERYTHING, Actor
from loyalty.kernel.db import transaction
from loyalty.kernel.errors import Malformed
from loyalty.programme import queries
from loyalty.programme.models import PolicyVersion
from loyalty.programme.rules import (
    NO_NOTE,
    VERSION_APPROVAL,
    AlreadyLoaded,
    MomentTaken,
    NamesGone,
    NotThatState,
    NotTheAuthor,
    VersionNotFound,
    check_body,
    check_move,
    check_named,
    check_not_begun,
    check_two_people,
    parse_file,
    sha256_of,
    start_of,
)
from loyalty.programme.service.people import person
from loyalty.programme.service.reading import read_json
from loyalty.staff.service import AuditEntry, record_audit

_ONE_WRITER = text("LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE")


def draft(
    kind: str,
    body: object,
    *,
    effective_from: datetime | None = None,
    now: datetime,
    by: Actor,
) -> int:
    """Write a new version and return its id; `effective_from` None means from its approval on."""
    checked = check_body(kind, body)
    check_named(kind, checked)
    author_id = person(by)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        version = PolicyVersion(
            kind=kind,
            number=queries.last_number(kind) + 1,
            body=checked,
            sha256=sha256_of(checked),
            state="draft",
            effective_from=effective_from,
            author_id=author_id,
            created_at=now,
        )
        session.add(version)
        session.flush()
        _record("version.drafted", version, now, by)
        return version.id


def revise(
    version_id: int,
    body: object,
    *,
    effective_from: datetime | None = None,
    now: datetime,
    by: Actor,
) -> None:
    """Put other rules into a draft; refused unless it is the asker's own."""
    author_id = person(by)
    with transaction():
        version = _lock(version_id)
        check_move("submit", version.state)
        if version.author_id != author_id:
            raise NotTheAuthor
        version.body = check_body(version.kind, body)
        check_named(version.kind, version.body)
        version.sha256 = sha256_of(version.body)
        version.effective_from = effective_from
        _record("version.revised", version, now, by)


def submit(version_id: int, *, note: str = "", now: datetime, by: Actor) -> None:
    """Ask for a draft to be approved; the note tells the other person why. It joins the list of approvals."""
    with transaction():
        _move(version_id, "submit", "version.submitted", note, now, by)
        second_person.ask(Asked(VERSION_APPROVAL, version_id, body={"reason": note} if note else {}), now=now, by=by)


def send_back(version_id: int, *, note: str = "", now: datetime, by: Actor) -> None:
    """Give a version in review back to its author with a note; who submitted it takes it back alone."""
    waiting = _waiting("send_back", version_id)
    if waiting.request.asked_by == person(by):
        second_person.withdraw(waiting.id, scope=EVERYTHING, now=now, by=by)
    else:
        second_person.send_back(waiting.id, note or NO_NOTE, scope=EVERYTHING, now=now, by=by)


def take_back(version_id: int, *, now: datetime, by: Actor) -> None:
    """Make a version in review a draft again: what the list of approvals does when its request goes back."""
    _move(version_id, "send_back", "version.sent_back", "", now, by)


def withdraw(version_id: int, *, note: str, now: datetime, by: Actor) -> None:
    """Retire an approved version before it begins, so that it never was in force; refused once it has begun."""
    with transaction() as session:
        session.execute(_ONE_WRITER)
        version = _lock(version_id)
        state = check_move("retire", version.state)
        check_not_begun(version.effective_from, now)
        version.state, version.retired_at = state, now
        session.flush()
        _record("version.withdrawn", version, now, by, note)
        queries.forget_timetable()


def approve(version_id: int, *, now: datetime, by: Actor) -> datetime:
    """Activate a version in review and return from when it is in force: the yes to its request in the approvals.

    Refused to its author, when the moment it was to begin has passed, and when another version begins at that moment.
    """
    waiting = _waiting("approve", version_id)
    version = queries.version(version_id)
    check_two_people(version.author_id, person(by))
    second_person.approve(waiting.id, scope=EVERYTHING, now=now, by=by)
    return start_of(version.effective_from, now)


def activate(version_id: int, *, now: datetime, by: Actor) -> datetime:
    """Put a version in review in force and return from when: what the list of approvals does at a yes."""
    approver_id = person(by)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        version = _lock(version_id)
        state = check_move("approve", version.state)
        check_two_people(version.author_id, approver_id)
        check_body(version.kind, version.body)
        _check_still_there(version)
        start = start_of(version.effective_from, now)
        before = queries.in_force(version.kind, start)
        if before and before.effective_from == start:
            raise MomentTaken(number=before.number)
        version.state, version.approver_id = state, approver_id
        version.effective_from, version.activated_at = start, now
        session.flush()
        _retire_superseded(version.kind, now)
        _record("version.activated", version, now, by)
        queries.forget_timetable()
        return start


def _check_still_there(version: PolicyVersion) -> None:
    try:
        check_named(version.kind, version.body)
    except Malformed as wrong:
        raise NamesGone(places=", ".join(sorted(wrong.errors))) from None


def load_file(source: Path | Mapping[str, Any], *, zone: str = "Asia/Shanghai", now: datetime, by: Actor) -> list[int]:
    """Activate all versions of a programme file and return their ids, or none of them.

    Refused on an installation that has rules already. Days in the file begin at midnight in `zone`.
    """
    content = read_json(source) if isinstance(source, Path) else dict(source)
    loaded = sorted(parse_file(content, zone=zone), key=lambda one: one.effective_from)
    with transaction() as session:
        session.execute(_ONE_WRITER)
        if queries.has_rules():
            raise AlreadyLoaded
        numbers = {kind: queries.last_number(kind) for kind in {one.kind for one in loaded}}
        written = []
        for one in loaded:
            numbers[one.kind] += 1
            written.append(
                PolicyVersion(
                    kind=one.kind,
                    number=numbers[one.kind],
                    body=one.body,
                    sha256=sha256_of(one.body),
                    state="active",
                    effective_from=one.effective_from,
                    loaded_from=sha256_of(content),
                    created_at=now,
                    activated_at=now,
                ),
            )
        session.add_all(written)
        session.flush()
        for version in written:
            _record("version.loaded", version, now, by)
        for kind in numbers:
            _retire_superseded(kind, now)
        queries.forget_timetable()
        return [version.id for version in written]


def _move(version_id: int, move: str, action: str, note: str, now: datetime, by: Actor) -> None:
    with transaction():
        version = _lock(version_id)
        version.state = check_move(move, version.state)
        _record(action, version, now, by, note)


def _waiting(move: str, version_id: int) -> ApprovalView:
    """Return the request of a version in review; refused for one that has moved on."""
    version = queries.version(version_id)
    check_move(move, version.state)
    waiting = approvals.waiting_about(VERSION_APPROVAL, version_id)
    if waiting is None:
        raise NotThatState(state=version.state, needed=version.state)
    return waiting


def _lock(version_id: int) -> PolicyVersion:
    with transaction() as session:
        version = session.get(PolicyVersion, version_id, with_for_update=True, populate_existing=True)
    if version is None:
        raise VersionNotFound(version=version_id)
    return version


def _retire_superseded(kind: str, now: datetime) -> None:
    """Retire the active versions that a newer one of the kind has taken over from by now."""
    with transaction() as session:
        begun = (PolicyVersion.kind == kind, PolicyVersion.state == "active", PolicyVersion.effective_from <= now)
        newest = select(PolicyVersion.id).where(*begun).order_by(PolicyVersion.effective_from.desc()).limit(1)
        session.execute(
            update(PolicyVersion)
            .where(*begun, PolicyVersion.id != newest.scalar_subquery())
            .values(state="retired", retired_at=now),
        )


def _record(action: str, version: PolicyVersion, now: datetime, by: Actor, note: str = "") -> None:
    after = {
        "kind": version.kind,
        "number": version.number,
        "state": version.state,
        "sha256": version.sha256.hex(),
        "effective_from": version.effective_from,
    }
    told = {"note": note} if note else {}
    record_audit([AuditEntry(action, "version", version.id, by, now, after=after | told)])
