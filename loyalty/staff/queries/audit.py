"""The audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.staff.models import AuditLink, AuditRow
from loyalty.staff.rules.chain import AuditRowNotFound, Head

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are asked for; None leaves a field open. `until` is exclusive."""

    action: str | None = None
    actor: str | None = None
    subject_kind: str | None = None
    subject_id: int | None = None
    customer_id: int | None = None
    store_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """Who did what to which thing; `before` and `after` have the changed fields."""

    id: int
    at: datetime
    actor_kind: str
    actor_name: str
    address: str | None
    action: str
    subject_kind: str
    subject_id: int | None
    customer_id: int | None
    store_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


_COLUMNS = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.actor_kind,
    AuditRow.actor_name,
    AuditRow.address,
    AuditRow.action,
    AuditRow.subject_kind,
    AuditRow.subject_id,
    AuditRow.about_customer_id,
    AuditRow.store_id,
    AuditRow.before,
    AuditRow.after,
)


def audit_rows(
    asked: AuditFilter,
    scope: Scope,
    *,
    before_id: int | None = None,
    limit: int = 50,
) -> list[AuditView]:
    """Return rows of the scope's stores, newest first, those before `before_id`.

    Rows of no store belong to the group and are seen only by who reads for all stores.
    """
    chosen = select(*_COLUMNS).where(*_wanted(asked, scope, before_id)).order_by(AuditRow.id.desc()).limit(limit)
    return [AuditView(*row) for row in db.session.execute(chosen)]


def audit_row(row_id: int, scope: Scope) -> AuditView:
    """Return one row; AuditRowNotFound when there is none in the scope."""
    chosen = select(*_COLUMNS).where(AuditRow.id == row_id, *_wanted(AuditFilter(), scope, None))
    row = db.session.execute(chosen).one_or_none()
    if row is None:
        raise AuditRowNotFound(row=row_id)
    return AuditView(*row)


def every_audit_row(asked: AuditFilter, scope: Scope, *, most: int) -> Iterator[AuditView]:
    """Give the rows of a filter, newest first, `most` at the most, some at a time."""
    before_id = None
    while most > 0 and (rows := audit_rows(asked, scope, before_id=before_id, limit=min(CHUNK, most))):
        yield from rows
        most, before_id = most - len(rows), rows[-1].id


def link_of(row_id: int) -> Head | None:
    """Return the link of the chain that stands for a row, or None while it waits for one."""
    link = db.session.execute(select(AuditLink.seq, AuditLink.hash).where(AuditLink.audit_id == row_id)).one_or_none()
    return None if link is None else Head(link.seq, link.hash)


def _wanted(asked: AuditFilter, scope: Scope, before_id: int | None) -> list[ColumnElement[bool]]:
    fields = [
        (AuditRow.action, asked.action),
        (AuditRow.actor_name, asked.actor),
        (AuditRow.subject_kind, asked.subject_kind),
        (AuditRow.subject_id, asked.subject_id),
        (AuditRow.about_customer_id, asked.customer_id),
        (AuditRow.store_id, asked.store_id),
    ]
    wanted: list[ColumnElement[bool]] = [column == value for column, value in fields if value is not None]
    if scope.stores is not None:
        wanted.append(AuditRow.store_id.in_(scope.stores))
    if before_id is not None:
        wanted.append(AuditRow.id < before_id)
    if asked.since is not None:
        wanted.append(AuditRow.at >= asked.since)
    if asked.until is not None:
        wanted.append(AuditRow.at < asked.until)
    return wanted
