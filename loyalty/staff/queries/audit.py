"""The audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from loyalty.kernel.actor import Scope
from loyalty.kernel.db import db
from loyalty.staff.models import AuditRow


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are asked for; None leaves a field open. `until` is exclusive."""

    action: str | None = None
    actor: str | None = None
    subject_kind: str | None = None
    subject_id: int | None = None
    customer_id: int | None = None
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


def _wanted(asked: AuditFilter, scope: Scope, before_id: int | None) -> list[ColumnElement[bool]]:
    fields = [
        (AuditRow.action, asked.action),
        (AuditRow.actor_name, asked.actor),
        (AuditRow.subject_kind, asked.subject_kind),
        (AuditRow.subject_id, asked.subject_id),
        (AuditRow.about_customer_id, asked.customer_id),
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
