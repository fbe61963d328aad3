"""Which version of the rules was in force when.

The hot path asks for several kinds at several moments within one transaction. All versions in force make a timetable
of some dozens of short rows, so it is read with one statement a transaction, and answers whatever is asked after that.
Bodies never change once active: each process keeps those it has read, by their hash.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from loyalty.kernel.db import ask_ahead, db, run, told_ahead
from loyalty.programme.models import PolicyVersion
from loyalty.programme.rules import VersionNotFound, parse
from loyalty.staff.models import Account

_BODIES_KEPT = 512
_TIMETABLE, _ASKED = "programme.timetable", "programme.timetable asked"

Timetable = dict[str, tuple[list[datetime], list["Version"]]]
"""For each kind the moments at which its versions begin, and the versions, in order."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is or was in force, from `effective_from` on; its body is shared and must not be changed."""

    id: int
    kind: str
    number: int
    sha256: bytes
    effective_from: datetime

    @property
    def body(self) -> dict[str, Any]:
        """The rules as they were written."""
        return _body(self.id, self.sha256)

    @property
    def rules(self) -> Any:
        """The rules as the owner of the kind reads them."""
        return _parsed(self.kind, self.id, self.sha256)


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version in any state, for reading; names are None where nobody is."""

    id: int
    kind: str
    number: int
    state: str
    body: dict[str, Any]
    sha256: bytes
    effective_from: datetime | None
    author_id: int | None
    author: str | None
    approver: str | None
    loaded: bool
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


# The table's CHECK gives each of them a start. One that was retired before it began never was in force.
_IN_FORCE = text("""
    SELECT id, kind, number, sha256, effective_from FROM policy_versions
    WHERE state = 'active' OR (state = 'retired' AND retired_at > effective_from) ORDER BY effective_from
""")


def in_force(kind: str, at: datetime) -> Version | None:
    """Return the version of a kind in force at a moment, or None when there was none yet."""
    starts, versions = _timetable().get(kind, ([], []))
    found = bisect_right(starts, at)
    return versions[found - 1] if found else None


def versions_in_force(kind: str, since: datetime) -> list[Version]:
    """Return the version in force at `since`, if there was one, and all that begin later, in order."""
    starts, versions = _timetable().get(kind, ([], []))
    return versions[max(0, bisect_right(starts, since) - 1) :]


def ask_timetable(_customer_ids: Collection[int]) -> None:
    """Ask ahead for all versions in force, unless they are known in this transaction; they are those of everybody."""
    if _known() is None:
        ask_ahead(_ASKED, (), _IN_FORCE, {})


def forget_timetable() -> None:
    """Let the timetable be read again within this transaction, after a version was activated in it."""
    db.session.info.pop(_TIMETABLE, None)
    told_ahead(_ASKED, ())


def version(version_id: int) -> VersionView:
    """Return one version; refused as not found when there is none."""
    for view in _views(PolicyVersion.id == version_id):
        return view
    raise VersionNotFound(version=version_id)


def versions(*, kind: str | None = None, before_id: int | None = None, limit: int = 50) -> list[VersionView]:
    """Return versions, newest first, those before `before_id`."""
    wanted = []
    if kind is not None:
        wanted.append(PolicyVersion.kind == kind)
    if before_id is not None:
        wanted.append(PolicyVersion.id < before_id)
    return _views(*wanted, limit=limit)


def versions_by_ids(ids: Collection[int]) -> dict[int, VersionView]:
    """Return those of these versions that there are."""
    return {view.id: view for view in _views(PolicyVersion.id.in_(ids), limit=len(ids))}


def has_rules() -> bool:
    """Whether any version was ever in force here."""
    found = select(PolicyVersion.id).where(PolicyVersion.state.in_(["active", "retired"])).limit(1)
    return db.session.scalar(found) is not None


def last_number(kind: str) -> int:
    """Return the highest number of the kind, 0 when there is none."""
    return db.session.scalar(select(func.max(PolicyVersion.number)).where(PolicyVersion.kind == kind)) or 0


def _timetable() -> Timetable:
    known = _known()
    if known is not None:
        return known
    asked = told_ahead(_ASKED, ())
    read: Timetable = defaultdict(lambda: ([], []))
    for version_id, kind, number, sha256, start in run(_IN_FORCE, {}) if asked is None else asked:
        starts, begun = read[kind]
        starts.append(start)
        begun.append(Version(version_id, kind, number, sha256, start))
    session = db.session()
    session.info[_TIMETABLE] = (session.get_transaction(), read)
    return read


def _known() -> Timetable | None:
    """Return what was read in this transaction already."""
    session = db.session()
    known: tuple[object, Timetable] | None = session.info.get(_TIMETABLE)
    return known[1] if known and known[0] is session.get_transaction() else None


@lru_cache(maxsize=_BODIES_KEPT)
def _body(version_id: int, sha256: bytes) -> dict[str, Any]:  # noqa: ARG001  the hash tells databases apart
    body: dict[str, Any] = db.session.scalars(select(PolicyVersion.body).where(PolicyVersion.id == version_id)).one()
    return body


@lru_cache(maxsize=_BODIES_KEPT)
def _parsed(kind: str, version_id: int, sha256: bytes) -> object:
    return parse(kind, _body(version_id, sha256))


def _views(*wanted: Any, limit: int = 1) -> list[VersionView]:
    approver = aliased(Account)
    chosen = (
        select(
            PolicyVersion.id,
            PolicyVersion.kind,
            PolicyVersion.number,
            PolicyVersion.state,
            PolicyVersion.body,
            PolicyVersion.sha256,
            PolicyVersion.effective_from,
            PolicyVersion.author_id,
            Account.name,
            approver.name,
            PolicyVersion.loaded_from.is_not(None),
            PolicyVersion.created_at,
            PolicyVersion.activated_at,
            PolicyVersion.retired_at,
        )
        .outerjoin(Account, Account.id == PolicyVersion.author_id)
        .outerjoin(approver, approver.id == PolicyVersion.approver_id)
        .where(*wanted)
        .order_by(PolicyVersion.id.desc())
        .limit(limit)
    )
    return [VersionView(*row) for row in db.session.execute(chosen)]
